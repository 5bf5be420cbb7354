"""
Manages several people's profiles on one machine: one folder each, with nothing shared.

Knows names and folders; a profile's contents only through `opening`.
"""

import shutil
import unicodedata
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from homeward_store import files, opening
from homeward_store.consent.consent import Clock
from homeward_store.errors import (
    Damaged,
    InvalidValue,
    ProfileExists,
    ProfileMissing,
    StoreError,
    StoreTooNew,
)
from homeward_store.folder import Folder
from homeward_store.keys import keyslots
from homeward_store.keys.key_derivation import Argon2Cost
from homeward_store.keys.keychain import SYSTEM_VAULT, Vault
from homeward_store.keys.keyslots import SlotKind
from homeward_store.keys.unlocking import Unlock
from homeward_store.opening import CreatedProfile
from homeward_store.profile import Profile, now
from homeward_store.typed import doors

_MAX_NAME = 64  # characters
_MAX_BYTES = 200  # file systems allow 255; a profile in the making has a longer name
_DEVICES = frozenset(  # of Windows, in any case; with digits 1 to 9, superscripts among them
    ("con", "prn", "aux", "nul", *(f"{port}{n}" for port in ("com", "lpt") for n in "123456789¹²³"))
)


@dataclass(frozen=True, slots=True)
class ProfileInfo:
    """The properties of a profile that are visible without unlocking it."""

    name: str
    id: str  # empty where the key file cannot be read
    ways_in: tuple[SlotKind, ...]


@doors
class Profiles:
    """The profiles below one folder, by name."""

    def __init__(self, home: Path | str, *, clock: Clock = now) -> None:
        self._home = Path(home)
        self._clock = clock

    def path(self, name: str) -> Path:
        """
        The folder of a profile, existing or not.

        Raises:
            InvalidValue: the name could not be a folder's on every system.
        """
        if not 0 < len(name) <= _MAX_NAME or not all(one.isalnum() or one in "-_ " for one in name):
            raise InvalidValue("a profile's name has letters, digits, spaces, - and _, at most 64")
        if name != name.strip():
            raise InvalidValue("a profile's name neither begins nor ends with a space")
        if len(name.encode()) > _MAX_BYTES:
            raise InvalidValue(f"a profile's name has at most {_MAX_BYTES} bytes as UTF-8")
        if name.casefold() in _DEVICES:
            raise InvalidValue("Windows keeps this name for a device; choose another name")
        return self._home / name

    def vacant(self, name: str) -> Path:
        """
        The folder of a profile that is yet to be made.

        Raises:
            ProfileExists: there is one, or one whose name differs only in case or in how its
                letters are composed: many file systems take the two for the same.
        """
        path = self.path(name)
        if twin := next((one.name for one in self.all() if _folded(one.name) == _folded(name)), ""):
            raise ProfileExists(f"{twin} exists already")
        return path

    def all(self) -> list[ProfileInfo]:
        """The profiles, by name; those whose key file is lost, too."""
        if not self._home.is_dir():
            return []
        folders = [Folder(path) for path in sorted(self._home.iterdir()) if path.is_dir()]
        return [_info(folder) for folder in folders if folder.holds_profile()]

    def create(
        self, name: str, *, unlock: Sequence[Unlock], cost: Argon2Cost | None = None
    ) -> CreatedProfile:
        """A new profile; see `create_profile`."""
        path = self.vacant(name)
        return opening.create_profile(path, unlock=unlock, cost=cost, clock=self._clock)

    def open(self, name: str, *, unlock: Unlock) -> Profile:
        """Open a profile; see `open_profile`."""
        return opening.open_profile(self.path(name), unlock=unlock, clock=self._clock)

    def delete(self, name: str, *, confirm: str, vault: Vault = SYSTEM_VAULT) -> None:
        """
        Destroy a profile: its keys first, so that the rest is noise wherever it lingers.

        `confirm` repeats the profile's name.

        Raises:
            InvalidValue: `confirm` is another name. ProfileMissing, ProfileInUse: nothing was done.
        """
        if confirm != name:
            raise InvalidValue("to delete a profile, repeat its name")
        folder = Folder(self.path(name))
        if not folder.holds_profile():
            raise ProfileMissing(f"no profile in {folder.path.name}")
        folder.lock()
        try:
            entries = _entries(folder)
            with files.translated(folder.path):
                if folder.keyslots.exists():
                    files.shred(folder.keyslots)
                shutil.rmtree(folder.path)
        finally:
            folder.unlock()
        for service, account in entries:
            vault.delete(service, account)


def _folded(name: str) -> str:
    return unicodedata.normalize("NFC", unicodedata.normalize("NFC", name).casefold())


def _info(folder: Folder) -> ProfileInfo:
    try:
        file = keyslots.read(folder.keyslots)
    except StoreError:
        return ProfileInfo(folder.path.name, "", ())
    return ProfileInfo(folder.path.name, file.profile_id, tuple(slot.kind for slot in file.slots))


def _entries(folder: Folder) -> list[tuple[str, str]]:
    try:
        slots = keyslots.read(folder.keyslots).slots if folder.keyslots.exists() else ()
    except (Damaged, StoreTooNew):
        return []  # a damaged profile can be deleted, too
    return [(one.service, one.account) for one in slots if one.kind is SlotKind.KEYCHAIN]
