"""Several people on one machine, with no way from one to another."""

from pathlib import Path

import pytest

from homeward_store import (
    FASTEST,
    Keychain,
    Passphrase,
    ProfileExists,
    ProfileInUse,
    ProfileMissing,
    Profiles,
    SlotKind,
    WrongSecret,
)
from homeward_store.testing import MemoryVault

ADA, EVE = Passphrase("ada's"), Passphrase("eve's")


@pytest.fixture
def profiles(tmp_path: Path) -> Profiles:
    """Ada's and Eve's."""
    both = Profiles(tmp_path / "profiles")
    both.create("Ada", unlock=[ADA], cost=FASTEST).profile.close()
    both.create("Eve 2", unlock=[EVE], cost=FASTEST).profile.close()
    return both


def test_profiles_are_listed_without_unlocking_them(profiles: Profiles, tmp_path: Path) -> None:
    assert Profiles(tmp_path / "nowhere").all() == []
    (profiles.path("Ada").parent / "a file").write_text("x")
    (profiles.path("Ada").parent / "a folder").mkdir()
    ada, eve = profiles.all()
    assert (ada.name, eve.name) == ("Ada", "Eve 2")
    assert ada.ways_in == (SlotKind.PASSPHRASE, SlotKind.RECOVERY)
    assert len({ada.id, eve.id}) == 2
    (profiles.path("Ada") / "keyslots.json").write_text("damaged")
    assert profiles.all()[0].id == ""


def test_one_persons_secret_opens_nobody_elses_profile(profiles: Profiles) -> None:
    with pytest.raises(WrongSecret):
        profiles.open("Ada", unlock=EVE)
    ada = profiles.open("Ada", unlock=ADA)
    ada.notes.add("mine")
    with ada, profiles.open("Eve 2", unlock=EVE) as eve:
        assert eve.notes.all() == []


def test_a_key_file_of_another_person_opens_nothing(profiles: Profiles) -> None:
    from homeward_store import StoreHeaderCorrupt

    eves = (profiles.path("Eve 2") / "keyslots.json").read_bytes()
    (profiles.path("Ada") / "keyslots.json").write_bytes(eves)
    with pytest.raises(StoreHeaderCorrupt):
        profiles.open("Ada", unlock=EVE)


def test_a_name_is_taken_once(profiles: Profiles) -> None:
    with pytest.raises(ProfileExists):
        profiles.create("Ada", unlock=[EVE], cost=FASTEST)


@pytest.mark.parametrize("name", ["", "..", "a/b", "a\\b", "a" * 65, " a", "a ", "a\0", ".hidden"])
def test_a_name_never_leads_out_of_the_folder(profiles: Profiles, name: str) -> None:
    with pytest.raises(ValueError, match="name"):
        profiles.path(name)


def test_a_profile_is_deleted_when_its_name_is_repeated(profiles: Profiles) -> None:
    with pytest.raises(ValueError, match="repeat"):
        profiles.delete("Ada", confirm="Eve 2")
    profiles.delete("Ada", confirm="Ada")
    assert [one.name for one in profiles.all()] == ["Eve 2"]
    assert not profiles.path("Ada").exists()
    with pytest.raises(ProfileMissing):
        profiles.delete("Ada", confirm="Ada")


def test_an_open_profile_is_not_deleted(profiles: Profiles) -> None:
    with profiles.open("Ada", unlock=ADA), pytest.raises(ProfileInUse):
        profiles.delete("Ada", confirm="Ada")
    profiles.open("Ada", unlock=ADA).close()


def test_deleting_takes_the_keychains_entry_along(tmp_path: Path) -> None:
    vault = MemoryVault()
    profiles = Profiles(tmp_path)
    profiles.create("Ada", unlock=[Keychain("app", vault)], cost=FASTEST).profile.close()
    assert vault.entries
    profiles.delete("Ada", confirm="Ada", vault=vault)
    assert not vault.entries


def test_a_damaged_profile_can_be_deleted(profiles: Profiles) -> None:
    (profiles.path("Ada") / "keyslots.json").write_text("damaged")
    profiles.delete("Ada", confirm="Ada")
    assert not profiles.path("Ada").exists()
