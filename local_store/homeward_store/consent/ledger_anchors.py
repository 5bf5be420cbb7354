"""
Writes down the ledger's end outside the database, so that a shortened ledger shows.

A file beside the database shows that pages, the database or its log were put back alone. Only a
place that a copy of the folder does not carry along, such as the keychain, shows that all was.
"""

from pathlib import Path
from typing import Protocol

from homeward_store import files
from homeward_store.keys.keychain import Vault


class Anchor(Protocol):
    """Keeps one short text outside of the database."""

    @property
    def place(self) -> str:
        """A name for the kind of place; the database notes which places have been written to."""
        ...

    def read(self) -> str | None:
        """What was written last; None where nothing was yet."""
        ...

    def write(self, text: str) -> None:
        """Replace it, durably."""
        ...


class FileAnchor:
    """A file beside the database."""

    place = "file"

    def __init__(self, path: Path) -> None:
        self._path = path

    def read(self) -> str | None:
        """The file's text; None where no regular file is there, so that a FIFO blocks nobody."""
        with files.translated(self._path):
            return self._path.read_text("utf-8", "replace") if self._path.is_file() else None

    def write(self, text: str) -> None:
        """Replace the file."""
        files.write_durably(self._path, text.encode())


class VaultAnchor:
    """An entry of the keychain."""

    place = "keychain"

    def __init__(self, vault: Vault, service: str, profile_id: str) -> None:
        self._vault = vault
        self._service = service
        self._account = f"{profile_id}/anchor"

    def read(self) -> str | None:
        """The entry's value; raises `KeychainUnavailable` rather than guess."""
        return self._vault.read(self._service, self._account)

    def write(self, text: str) -> None:
        """Replace the entry."""
        self._vault.write(self._service, self._account, text)
