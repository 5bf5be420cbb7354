"""Provides stand-ins for tests, for us and for programs that use the store."""

from datetime import UTC, datetime, timedelta

from homeward_store.errors import KeychainUnavailable


class StoppedClock:
    """A clock that stands still until it is moved."""

    def __init__(self) -> None:
        self.time = datetime(2026, 1, 2, 3, 4, 5, 678901, tzinfo=UTC)

    def __call__(self) -> datetime:
        """The time that it shows."""
        return self.time

    def move(self, *, days: float = 0, hours: float = 0) -> None:
        """Let time pass."""
        self.time += timedelta(days=days, hours=hours)


class MemoryVault:
    """A keychain in memory: refuses while `locked`, and says that its backend is `name`."""

    def __init__(self, name: str = "memory") -> None:
        self.name = name
        self.locked = False
        self.entries: dict[tuple[str, str], str] = {}

    def backend(self) -> str:
        """The claimed backend."""
        self._answer()
        return self.name

    def read(self, service: str, account: str) -> str | None:
        """The entry's value, or None."""
        self._answer()
        return self.entries.get((service, account))

    def write(self, service: str, account: str, value: str) -> None:
        """Create or replace the entry."""
        self._answer()
        self.entries[service, account] = value

    def delete(self, service: str, account: str) -> None:
        """Remove the entry, if it is there."""
        self._answer()
        self.entries.pop((service, account), None)

    def _answer(self) -> None:
        if self.locked:
            raise KeychainUnavailable("the test keychain is locked")
