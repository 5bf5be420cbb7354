"""Ways in can be added, changed, tested and removed, and never the last or the recovery one."""

from pathlib import Path

import pytest

from homeward_store import (
    FASTEST,
    CreatedProfile,
    Keychain,
    KeychainEntryMissing,
    LastSlot,
    Locked,
    Passphrase,
    Profile,
    RecoveryCode,
    SlotKind,
    SlotMissing,
    WrongSecret,
    open_profile,
)
from homeward_store.testing import MemoryVault


def opens(path: Path, unlock: Passphrase | Keychain | RecoveryCode) -> bool:
    try:
        open_profile(path, unlock=unlock).close()
    except Locked:
        return False
    return True


def test_a_new_profile_has_the_way_in_that_was_asked_for_and_a_recovery_slot(
    profile: Profile,
) -> None:
    assert [slot.kind for slot in profile.slots.all()] == [SlotKind.PASSPHRASE, SlotKind.RECOVERY]


def test_testing_a_way_in_tells_which_slot_it_opens(
    created: CreatedProfile, passphrase: Passphrase
) -> None:
    slots = created.profile.slots
    assert slots.test(passphrase).kind is SlotKind.PASSPHRASE
    assert slots.test(created.recovery_code).kind is SlotKind.RECOVERY
    with pytest.raises(WrongSecret):
        slots.test(Passphrase("something else"))


def test_an_added_passphrase_opens_beside_the_first(
    profile: Profile, passphrase: Passphrase
) -> None:
    second = Passphrase("battery staple")
    profile.slots.add(second, unlock=passphrase, cost=FASTEST)
    profile.close()
    assert opens(profile.path, passphrase)
    assert opens(profile.path, second)


def test_a_changed_passphrase_replaces_the_old_one(
    profile: Profile, passphrase: Passphrase
) -> None:
    second = Passphrase("battery staple")
    profile.slots.change(second, unlock=passphrase, cost=FASTEST)
    profile.close()
    assert not opens(profile.path, passphrase)
    assert opens(profile.path, second)


def test_a_passphrase_slot_cannot_be_changed_into_another_kind(
    profile: Profile, passphrase: Passphrase
) -> None:
    with pytest.raises(ValueError, match="cannot become Keychain"):
        profile.slots.change(Keychain("app", MemoryVault()), unlock=passphrase, cost=FASTEST)


def test_a_keychain_slot_can_move_to_a_new_entry(profile: Profile, passphrase: Passphrase) -> None:
    old, new = Keychain("app", MemoryVault()), Keychain("renamed", MemoryVault())
    profile.slots.add(old, unlock=passphrase, cost=FASTEST)
    profile.slots.change(new, unlock=old)
    with pytest.raises(SlotMissing):
        profile.slots.test(old)
    assert profile.slots.test(new).service == "renamed"


def test_nothing_is_added_without_a_way_in_that_works(profile: Profile) -> None:
    before = (profile.path / "keyslots.json").read_bytes()
    with pytest.raises(WrongSecret):
        profile.slots.add(Passphrase("mine"), unlock=Passphrase("guess"), cost=FASTEST)
    assert (profile.path / "keyslots.json").read_bytes() == before


def test_the_last_way_in_and_the_recovery_slot_cannot_be_removed(
    profile: Profile, passphrase: Passphrase
) -> None:
    first, recovery = profile.slots.all()
    with pytest.raises(LastSlot, match="last slot"):
        profile.slots.remove(first.id, unlock=passphrase)
    with pytest.raises(LastSlot, match="renew_recovery"):
        profile.slots.remove(recovery.id, unlock=passphrase)
    with pytest.raises(SlotMissing):
        profile.slots.remove("0" * 16, unlock=passphrase)
    assert len(profile.slots.all()) == 2


def test_a_removed_passphrase_no_longer_opens(profile: Profile, passphrase: Passphrase) -> None:
    second = Passphrase("battery staple")
    slot = profile.slots.add(second, unlock=passphrase, cost=FASTEST)
    profile.slots.remove(slot.id, unlock=passphrase)
    profile.close()
    assert not opens(profile.path, second)
    assert opens(profile.path, passphrase)


def test_removing_a_keychain_slot_also_removes_the_entry(
    profile: Profile, passphrase: Passphrase
) -> None:
    vault = MemoryVault()
    slot = profile.slots.add(Keychain("app", vault), unlock=passphrase, cost=FASTEST)
    assert vault.entries
    profile.slots.remove(slot.id, unlock=passphrase, vault=vault)
    assert not vault.entries


def test_a_locked_keychain_does_not_keep_a_slot_from_being_removed(
    profile: Profile, passphrase: Passphrase
) -> None:
    vault = MemoryVault()
    slot = profile.slots.add(Keychain("app", vault), unlock=passphrase, cost=FASTEST)
    vault.locked = True
    profile.slots.remove(slot.id, unlock=passphrase, vault=vault)
    assert slot.id not in [one.id for one in profile.slots.all()]


def test_a_renewed_recovery_code_replaces_the_old_one(
    created: CreatedProfile, passphrase: Passphrase
) -> None:
    profile = created.profile
    code = profile.slots.renew_recovery(unlock=passphrase)
    profile.close()
    assert not opens(profile.path, created.recovery_code)
    assert opens(profile.path, code)
    assert len(profile.slots.all()) == 2


def test_the_recovery_code_lets_a_forgotten_passphrase_be_replaced(created: CreatedProfile) -> None:
    profile, new = created.profile, Passphrase("remembered this time")
    profile.slots.add(new, unlock=created.recovery_code, cost=FASTEST)
    profile.close()
    assert opens(profile.path, new)


def test_a_profile_has_at_most_sixteen_slots(profile: Profile, passphrase: Passphrase) -> None:
    vault = MemoryVault()
    for _ in range(14):
        profile.slots.add(Keychain("app", vault), unlock=passphrase, cost=FASTEST)
    with pytest.raises(LastSlot, match="at most 16"):
        profile.slots.add(Keychain("app", vault), unlock=passphrase, cost=FASTEST)


def test_a_keychain_entry_that_is_gone_is_told_from_a_wrong_one(
    profile: Profile, passphrase: Passphrase
) -> None:
    vault = MemoryVault()
    profile.slots.add(Keychain("app", vault), unlock=passphrase, cost=FASTEST)
    vault.entries.clear()
    with pytest.raises(KeychainEntryMissing):
        profile.slots.test(Keychain("app", vault))
