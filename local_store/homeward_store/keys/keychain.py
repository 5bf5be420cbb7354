"""
Wraps the operating system's keychain; only this module imports `keyring`.

*Found*, *absent* and *unavailable* are three different answers. Programs that took the third for
the second made a new key and lost the old one's data, so here each has its own way out: a value,
`None`, and `KeychainUnavailable`.
"""

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor, TimeoutError as TookTooLong
from typing import Any, Protocol, TypeVar

from homeward_store.errors import KeychainUnavailable

# An allow-list: keyrings.alt, once importable, silently becomes the backend and keeps secrets in a
# plain file.
_TRUSTED = {
    "keyring.backends.SecretService.Keyring",
    "keyring.backends.libsecret.Keyring",
    "keyring.backends.kwallet.DBusKeyring",
    "keyring.backends.kwallet.DBusKeyringKWallet4",
    "keyring.backends.macOS.Keyring",
    "keyring.backends.Windows.WinVaultKeyring",
}
_TIMEOUT_SECONDS = 60.0  # the keychain may be showing a dialog

Answer = TypeVar("Answer")


class Vault(Protocol):
    """A keychain. Every method raises `KeychainUnavailable` when it gets no answer."""

    def backend(self) -> str:
        """Which program keeps the entries; recorded, so that a change of it is noticed."""
        ...

    def read(self, service: str, account: str) -> str | None:
        """The entry's value; None where the keychain says that there is none."""
        ...

    def write(self, service: str, account: str, value: str) -> None:
        """Create or replace the entry."""
        ...

    def delete(self, service: str, account: str) -> None:
        """Remove the entry, if it is there."""
        ...


class SystemVault:
    """The keychain that `keyring` finds, if it is one that encrypts."""

    def __init__(
        self, *, choose: Callable[[], Any] | None = None, timeout: float = _TIMEOUT_SECONDS
    ) -> None:
        self._choose = choose or _installed_backend
        self._timeout = timeout

    def backend(self) -> str:
        """
        Dotted name of the keyring backend in use.

        Raises:
            KeychainUnavailable: no keychain that encrypts is there, or it did not answer in time.
        """
        return _name(self._trusted())

    def read(self, service: str, account: str) -> str | None:
        """
        The entry's value, or None.

        Raises:
            KeychainUnavailable: no keychain that encrypts is there, or it did not answer in time.
        """
        value: str | None = self._ask(lambda backend: backend.get_password(service, account))
        return value

    def write(self, service: str, account: str, value: str) -> None:
        """
        Create or replace the entry.

        Raises:
            KeychainUnavailable: no keychain that encrypts is there, or it did not answer in time.
        """
        self._ask(lambda backend: backend.set_password(service, account, value))

    def delete(self, service: str, account: str) -> None:
        """
        Remove the entry, if it is there.

        Raises:
            KeychainUnavailable: no keychain that encrypts is there, or it did not answer in time.
        """
        if self.read(service, account) is not None:
            self._ask(lambda backend: backend.delete_password(service, account))

    def _trusted(self) -> Any:  # noqa: ANN401  keyring ships no types for its backends
        chosen = self._choose()
        # The chainer tries several backends in turn; take the first one that encrypts.
        candidates = getattr(chosen, "backends", None) or [chosen]
        for candidate in candidates:
            if _name(candidate) in _TRUSTED:
                return candidate
        raise KeychainUnavailable(f"no trusted keychain; found {_name(chosen)}")

    def _ask(self, question: Callable[[Any], Answer]) -> Answer:
        backend = self._trusted()
        executor = ThreadPoolExecutor(max_workers=1, thread_name_prefix="keychain")
        try:
            return executor.submit(question, backend).result(self._timeout)
        except TookTooLong:
            raise KeychainUnavailable(
                f"{_name(backend)} did not answer in {self._timeout:g} s"
            ) from None
        except Exception as error:  # noqa: BLE001  backends raise their platform's own types
            raise KeychainUnavailable(f"{_name(backend)}: {type(error).__name__}") from None
        finally:
            executor.shutdown(wait=False)


def _installed_backend() -> Any:  # noqa: ANN401  keyring ships no types for its backends
    try:
        import keyring  # noqa: PLC0415  an optional extra
    except ImportError:
        raise KeychainUnavailable("the `keychain` extra is not installed") from None
    return keyring.get_keyring()


def _name(backend: object) -> str:
    return f"{type(backend).__module__}.{type(backend).__qualname__}"


SYSTEM_VAULT = SystemVault()
