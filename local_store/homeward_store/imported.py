"""What was imported before, by digest: so that importing again adds nothing. Knows no format."""

from collections.abc import Sequence

from homeward_store.consent import Clock
from homeward_store.database import Database
from homeward_store.records import to_micros

_AT_ONCE = 500  # digests in one statement; SQLite allows 32,766 parameters


class Imported:
    """The digests of one profile, 32 bytes each."""

    def __init__(self, database: Database, *, clock: Clock) -> None:
        self._database = database
        self._clock = clock

    def seen(self, digests: Sequence[bytes]) -> set[bytes]:
        """Those of the digests that were marked before, also where it was forgotten since."""
        found: set[bytes] = set()
        for start in range(0, len(digests), _AT_ONCE):
            some = digests[start : start + _AT_ONCE]
            marks = ",".join("?" * len(some))
            rows = self._database.run(
                f"SELECT digest FROM imported WHERE digest IN ({marks})",  # noqa: S608
                some,
            )
            found.update(digest for (digest,) in rows)
        return found

    def mark(self, digests: Sequence[bytes]) -> None:
        """Remember that these were imported; in the same transaction as what they stand for."""
        now = to_micros(self._clock())
        self._database.run_many(
            "INSERT INTO imported(digest, at) VALUES(?, ?) ON CONFLICT DO NOTHING",
            [(digest, now) for digest in digests],
        )
