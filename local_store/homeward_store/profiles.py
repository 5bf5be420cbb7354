"""
Manages several people's profiles on one machine: one folder each, with nothing shared.

Knows names and folders; a profile's contents only through `opening`.
"""

import shutil
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from homeward_store import files, opening
from homeward_store.consent.consent import Clock
from homeward_store.errors import Damaged, InvalidValue, ProfileMissing, StoreError, StoreTooNew
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
        return self._home / name

    def all(self) -> list[ProfileInfo]:
        """The profiles, by name."""
        if not self._home.is_dir():
            return []
        folders = [Folder(path) for path in sorted(self._home.iterdir()) if path.is_dir()]
        return [_info(folder) for folder in folders if folder.keyslots.exists()]

    def create(
        self, name: str, *, unlock: Sequence[Unlock], cost: Argon2Cost | None = None
    ) -> CreatedProfile:
        """A new profile; see `create_profile`."""
        path = self.path(name)
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
        if not folder.keyslots.exists():
            raise ProfileMissing(f"no profile in {folder.path.name}")
        folder.lock()
        try:
            entries = _entries(folder)
            with files.translated(folder.path):
                files.shred(folder.keyslots)
                shutil.rmtree(folder.path)
        finally:
            folder.unlock()
        for service, account in entries:
            vault.delete(service, account)


def _info(folder: Folder) -> ProfileInfo:
    try:
        file = keyslots.read(folder.keyslots)
    except StoreError:
        return ProfileInfo(folder.path.name, "", ())
    return ProfileInfo(folder.path.name, file.profile_id, tuple(slot.kind for slot in file.slots))


def _entries(folder: Folder) -> list[tuple[str, str]]:
    try:
        slots = keyslots.read(folder.keyslots).slots
    except (Damaged, StoreTooNew):
        return []  # a damaged profile can be deleted, too
    return [(one.service, one.account) for one in slots if one.kind is SlotKind.KEYCHAIN]
