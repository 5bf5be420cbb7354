"""Rotation gives the database a new key and loses nothing, whatever happens on the way."""

from collections.abc import Callable
from pathlib import Path

import pytest

from homeward_store import Passphrase, Profile, StoreFull, StoreHeaderCorrupt, WrongSecret, files
from homeward_store.database.database import open_database
from homeward_store.keys import keyslots
from homeward_store.keys.keyslots import KeyFile
from homeward_store.secret import Secret


def database_key(folder: Path, unlock: Passphrase) -> Secret:
    file = keyslots.read(folder / "keyslots.json")
    master, _ = keyslots.open_slot(file, unlock)
    return keyslots.unwrap_database_key(file, master)


def test_everything_is_there_under_a_new_key_and_the_old_file_is_gone(
    profile: Profile, passphrase: Passphrase, reopen: Callable[[], Profile]
) -> None:
    profile.notes.add("before")
    old_key = database_key(profile.path, passphrase)
    profile.rotate(unlock=passphrase)
    profile.notes.add("after")
    assert [note.text for note in reopen().notes.all()] == ["before", "after"]
    assert not list(profile.path.glob("store-1.db*"))
    profile.close()
    with pytest.raises(StoreHeaderCorrupt):
        open_database(profile.path / "store-2.db", old_key)


def test_a_wrong_passphrase_rotates_nothing(profile: Profile) -> None:
    with pytest.raises(WrongSecret):
        profile.rotate(unlock=Passphrase("guess"))
    assert profile.notes.all() == []
    assert (profile.path / "store-1.db").exists()


def test_a_failed_copy_leaves_the_old_database_in_use(
    profile: Profile, passphrase: Passphrase, monkeypatch: pytest.MonkeyPatch
) -> None:
    profile.notes.add("before")

    def full(path: Path) -> None:
        raise StoreFull(path.name)

    monkeypatch.setattr(files, "sync_file", full)
    with pytest.raises(StoreFull):
        profile.rotate(unlock=passphrase)
    assert [note.text for note in profile.notes.all()] == ["before"]
    assert not list(profile.path.glob("store-2.db*"))


def test_a_copy_that_lacks_a_row_is_refused(
    profile: Profile, passphrase: Passphrase, monkeypatch: pytest.MonkeyPatch
) -> None:
    from homeward_store import StoreCorrupt
    from homeward_store.archive import rotation

    def lossy(key: Secret, database: object, path: Path) -> None:
        from homeward_store.database.database import create_database

        create_database(path, key).close()

    monkeypatch.setattr(rotation, "copy_under", lossy)
    with pytest.raises(StoreCorrupt):
        profile.rotate(unlock=passphrase)
    profile.check()
    assert not list(profile.path.glob("store-2.db*"))


@pytest.mark.parametrize("renamed", [True, False])
def test_the_key_file_on_disk_decides_when_its_writing_fails(
    profile: Profile,
    passphrase: Passphrase,
    reopen: Callable[[], Profile],
    monkeypatch: pytest.MonkeyPatch,
    renamed: bool,  # noqa: FBT001
) -> None:
    profile.notes.add("before")
    write = keyslots.write

    def fails_after_or_before_the_rename(path: Path, file: KeyFile, master: Secret) -> None:
        if renamed:
            write(path, file, master)
        raise StoreFull("no space left")

    monkeypatch.setattr(keyslots, "write", fails_after_or_before_the_rename)
    if renamed:
        profile.rotate(unlock=passphrase)
    else:
        with pytest.raises(StoreFull):
            profile.rotate(unlock=passphrase)
    assert [note.text for note in profile.notes.all()] == ["before"]
    assert [note.text for note in reopen().notes.all()] == ["before"]
