"""
Lists, tests, adds, changes and removes the ways to unlock a profile.

Every change asks for a way in that works now, as changing a password asks for the old one; the
master key is in memory only while the change is made. Knows the key file, no database.
"""

import contextlib
from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace
from datetime import datetime

from homeward_store.errors import InvalidValue, KeychainUnavailable, LastSlot, SlotMissing
from homeward_store.folder import Folder
from homeward_store.keys import keyslots
from homeward_store.keys.key_derivation import Argon2Cost, calibrated
from homeward_store.keys.keychain import SYSTEM_VAULT, Vault
from homeward_store.keys.keyslots import MAX_SLOTS, KeyFile, Slot, SlotId, SlotKind
from homeward_store.keys.unlocking import RecoveryCode, Unlock
from homeward_store.records import from_micros, to_micros
from homeward_store.secret import Secret
from homeward_store.typed import doors


@dataclass(frozen=True, slots=True)
class SlotInfo:
    """The public description of a slot."""

    id: SlotId
    kind: SlotKind
    created_at: datetime
    service: str  # of a keychain slot, otherwise empty


@doors
class Slots:
    """Adds, changes and removes the ways to unlock one profile."""

    def __init__(self, folder: Folder, *, clock: Callable[[], datetime]) -> None:
        self._folder = folder
        self._clock = clock

    def all(self) -> list[SlotInfo]:
        """The slots, in the order in which they were made."""
        return [_info(slot) for slot in keyslots.read(self._folder.keyslots).slots]

    def test(self, unlock: Unlock) -> SlotInfo:
        """
        The slot that opens with `unlock`, found by really opening it.

        Raises:
            Locked: none does.
        """
        master, slot = keyslots.open_slot(keyslots.read(self._folder.keyslots), unlock)
        master.wipe()
        return _info(slot)

    def add(self, new: Unlock, *, unlock: Unlock, cost: Argon2Cost | None = None) -> SlotInfo:
        """
        Add a way in.

        Raises:
            Locked: `unlock` does not open. LastSlot: the key file is full.
        """
        with self._opened(unlock) as (file, master, _):
            if len(file.slots) == MAX_SLOTS:
                raise LastSlot(f"a profile has at most {MAX_SLOTS} slots")
            slot = self._make(new, file, master, cost)
            self._write(file, master, (*file.slots, slot))
        return _info(slot)

    def change(self, new: Unlock, *, unlock: Unlock, cost: Argon2Cost | None = None) -> SlotInfo:
        """
        Replace the slot that `unlock` opens by a new slot of the same kind.

        Guarantees:
            One of the two opens after a crash at any point.

        Raises:
            Locked: `unlock` does not open. InvalidValue: `new` is of another kind.
        """
        with self._opened(unlock) as (file, master, old):
            if not keyslots.fits(replace(old, service=getattr(new, "service", "")), new):
                raise InvalidValue(f"a {old.kind.value} slot cannot become {type(new).__name__}")
            slot = self._make(new, file, master, cost)
            others = tuple(one for one in file.slots if one.id != old.id)
            self._write(file, master, (*others, slot))
        return _info(slot)

    def renew_recovery(self, *, unlock: Unlock) -> RecoveryCode:
        """A new recovery code; the old one no longer opens. Show it once."""
        code = RecoveryCode.random()
        with self._opened(unlock) as (file, master, _):
            slot = self._make(code, file, master, None)
            others = tuple(one for one in file.slots if one.kind is not SlotKind.RECOVERY)
            self._write(file, master, (*others, slot))
        return code

    def remove(self, slot_id: SlotId, *, unlock: Unlock, vault: Vault = SYSTEM_VAULT) -> None:
        """
        Remove a slot, and a keychain slot's entry in the keychain if it can be reached.

        Raises:
            LastSlot: it is the recovery slot, or the last one beside it.
            SlotMissing: there is no such slot.
        """
        with self._opened(unlock) as (file, master, _):
            gone = _find(file, slot_id)
            others = tuple(one for one in file.slots if one.id != slot_id)
            if gone.kind is SlotKind.RECOVERY:
                raise LastSlot("the recovery slot is replaced with renew_recovery, not removed")
            if all(one.kind is SlotKind.RECOVERY for one in others):
                raise LastSlot("this is the last slot beside the recovery code")
            self._write(file, master, others)
        if gone.kind is SlotKind.KEYCHAIN:
            # Left behind, the entry opens nothing that is still in the key file.
            with contextlib.suppress(KeychainUnavailable):
                vault.delete(gone.service, gone.account)

    @contextlib.contextmanager
    def _opened(self, unlock: Unlock) -> Iterator[tuple[KeyFile, Secret, Slot]]:
        file = keyslots.read(self._folder.keyslots)
        master, slot = keyslots.open_slot(file, unlock)
        with master:
            yield file, master, slot

    def _make(self, new: Unlock, file: KeyFile, master: Secret, cost: Argon2Cost | None) -> Slot:
        return keyslots.make_slot(
            new,
            master,
            profile_id=file.profile_id,
            created_at=to_micros(self._clock()),
            cost=cost or calibrated(),
        )

    def _write(self, file: KeyFile, master: Secret, slots: tuple[Slot, ...]) -> None:
        keyslots.write(self._folder.keyslots, replace(file, slots=slots), master)


def _info(slot: Slot) -> SlotInfo:
    return SlotInfo(slot.id, slot.kind, from_micros(slot.created_at), slot.service)


def _find(file: KeyFile, slot_id: SlotId) -> Slot:
    for slot in file.slots:
        if slot.id == slot_id:
            return slot
    raise SlotMissing(f"no slot {slot_id}")
