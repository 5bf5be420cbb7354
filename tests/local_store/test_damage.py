"""Each class of damage has an error of its own, and none is taken for a wrong passphrase."""

import shutil
from collections.abc import Callable
from pathlib import Path

import pytest

from homeward_store import (
    BlobCorrupt,
    CommitsLost,
    Damaged,
    KeyslotsCorrupt,
    KeyslotsMissing,
    Passphrase,
    Profile,
    ProfileMissing,
    Purpose,
    RollbackDetected,
    StoreCorrupt,
    StoreEmpty,
    StoreError,
    StoreHeaderCorrupt,
    StoreMissing,
    StoreOverlong,
    StorePlaintext,
    StoreTooNew,
    StoreTruncated,
    WrongSecret,
    open_profile,
)

PAGE = 4096
Damage = Callable[[Path], None]


def on(name: str, change: Callable[[bytearray], object]) -> Damage:
    """Change the bytes of one file."""

    def damage(folder: Path) -> None:
        data = bytearray((folder / name).read_bytes())
        change(data)
        (folder / name).write_bytes(data)

    return damage


def flip(at: int) -> Callable[[bytearray], None]:
    def change(data: bytearray) -> None:
        data[at] ^= 1

    return change


def keep(length: int) -> Callable[[bytearray], None]:
    def change(data: bytearray) -> None:
        del data[length:]

    return change


def without(name: str) -> Damage:
    return lambda folder: (folder / name).unlink()


def become_plaintext(data: bytearray) -> None:
    data[:] = b"SQLite format 3\0" + bytes(4080)


def append(data: bytearray) -> None:
    data += bytes(PAGE)


DAMAGES: list[tuple[str, Damage, type[StoreError]]] = [
    ("everything is gone", shutil.rmtree, ProfileMissing),
    ("key file gone", without("keyslots.json"), KeyslotsMissing),
    ("key file changed", on("keyslots.json", flip(700)), KeyslotsCorrupt),
    ("database gone", without("store-1.db"), StoreMissing),
    ("database empty", on("store-1.db", keep(0)), StoreEmpty),
    ("database of one byte", on("store-1.db", keep(1)), StoreEmpty),
    ("less than a page", on("store-1.db", keep(100)), StoreTruncated),
    ("cut at a page", on("store-1.db", keep(8 * PAGE)), StoreTruncated),
    ("cut within a page", on("store-1.db", keep(8 * PAGE + 5)), StoreTruncated),
    ("plaintext", on("store-1.db", become_plaintext), StorePlaintext),
    ("salt changed", on("store-1.db", flip(3)), StoreHeaderCorrupt),
    ("first page changed", on("store-1.db", flip(600)), StoreHeaderCorrupt),
    ("later page changed", on("store-1.db", flip(-PAGE + 77)), StoreCorrupt),
    ("something appended", on("store-1.db", append), StoreOverlong),
]


@pytest.fixture
def folder(profile: Profile) -> Path:
    """A closed profile with something in it."""
    for number in range(30):
        profile.notes.add(f"note {number} {'x' * 500}")
    profile.close()
    return profile.path


@pytest.mark.parametrize(
    ("damage", "expected"), [one[1:] for one in DAMAGES], ids=[one[0] for one in DAMAGES]
)
def test_each_damage_has_its_own_error(
    folder: Path, passphrase: Passphrase, damage: Damage, expected: type[StoreError]
) -> None:
    damage(folder)
    with pytest.raises(StoreError) as caught, open_profile(folder, unlock=passphrase) as profile:
        profile.check()
    assert type(caught.value) is expected


def test_a_damaged_page_of_the_schema_or_any_table_is_found(
    folder: Path, passphrase: Passphrase
) -> None:
    whole = (folder / "store-1.db").read_bytes()
    for page in range(1, len(whole) // PAGE):
        on("store-1.db", flip(page * PAGE + 77))(folder)
        with pytest.raises(StoreCorrupt), open_profile(folder, unlock=passphrase) as profile:
            profile.check()
        (folder / "store-1.db").write_bytes(whole)


def test_a_wrong_passphrase_is_never_taken_for_damage(folder: Path) -> None:
    with pytest.raises(WrongSecret) as caught:
        open_profile(folder, unlock=Passphrase("guess"))
    assert not isinstance(caught.value, Damaged)


def test_damage_is_never_taken_for_a_wrong_passphrase(folder: Path) -> None:
    on("store-1.db", flip(600))(folder)
    with pytest.raises(WrongSecret):  # the key file is asked first
        open_profile(folder, unlock=Passphrase("guess"))


def test_a_database_of_another_profile_is_refused(
    folder: Path, passphrase: Passphrase, tmp_path: Path
) -> None:
    from homeward_store import FASTEST, create_profile

    other = create_profile(tmp_path / "eve", unlock=[passphrase], cost=FASTEST).profile
    other.close()
    shutil.copy(other.path / "store-1.db", folder / "store-1.db")
    with pytest.raises(StoreHeaderCorrupt):
        open_profile(folder, unlock=passphrase)


def test_a_profile_of_a_newer_program_is_left_alone(
    folder: Path, passphrase: Passphrase, monkeypatch: pytest.MonkeyPatch
) -> None:
    from homeward_store.database import migrations

    before = (folder / "store-1.db").read_bytes()
    monkeypatch.setattr(migrations.migrate, "__kwdefaults__", {"steps": ()})
    with pytest.raises(StoreTooNew):
        open_profile(folder, unlock=passphrase)
    assert (folder / "store-1.db").read_bytes() == before


def test_a_database_without_its_identity_is_refused(folder: Path, passphrase: Passphrase) -> None:
    with open_profile(folder, unlock=passphrase) as profile:
        profile._database.run("DELETE FROM meta WHERE key = 'identity'")
    with pytest.raises(StoreCorrupt, match="identity"):
        open_profile(folder, unlock=passphrase)


def test_an_identity_of_another_profile_is_refused(folder: Path, passphrase: Passphrase) -> None:
    with open_profile(folder, unlock=passphrase) as profile:
        profile._database.run("UPDATE meta SET value = 'eve' WHERE key = 'profile'")
    with pytest.raises(StoreCorrupt, match="not the one"):
        open_profile(folder, unlock=passphrase)


def test_a_damaged_and_a_missing_blob_say_so(folder: Path, passphrase: Passphrase) -> None:
    with open_profile(folder, unlock=passphrase) as profile:
        for key in (b"a", b"b", b"c"):
            profile.blobs.put("cache", key, bytes(100))
        blobs = {
            key: folder / "blobs" / name
            for key, name in profile._database.run("SELECT cache_key, file_name FROM blob")
        }
        on(blobs[b"a"].name, flip(40))(blobs[b"a"].parent)
        on(blobs[b"b"].name, flip(3))(blobs[b"b"].parent)
        blobs[b"c"].unlink()
        for key in (b"a", b"b", b"c"):
            with pytest.raises(BlobCorrupt):
                profile.blobs.get("cache", key)


def test_an_older_copy_of_the_database_is_noticed(folder: Path, passphrase: Passphrase) -> None:
    with open_profile(folder, unlock=passphrase) as profile:
        profile.consent.grant(Purpose.LEARN, shown="may I?")
    old = (folder / "store-1.db").read_bytes()
    with open_profile(folder, unlock=passphrase) as profile:
        profile.consent.withdraw(Purpose.LEARN)
    (folder / "store-1.db").write_bytes(old)
    with open_profile(folder, unlock=passphrase) as profile, pytest.raises(CommitsLost):
        profile.check()


def test_an_older_copy_of_one_page_is_noticed(folder: Path, passphrase: Passphrase) -> None:
    with open_profile(folder, unlock=passphrase) as profile:
        profile.consent.grant(Purpose.LEARN, shown="may I?")
    old = (folder / "store-1.db").read_bytes()
    with open_profile(folder, unlock=passphrase) as profile:
        profile.consent.withdraw(Purpose.LEARN)
    new = bytearray((folder / "store-1.db").read_bytes())
    pages = range(0, min(len(old), len(new)), PAGE)
    changed = [at for at in pages if old[at : at + PAGE] != new[at : at + PAGE]]
    noticed = 0
    for at in changed:
        mixed = bytearray(new)
        mixed[at : at + PAGE] = old[at : at + PAGE]
        (folder / "store-1.db").write_bytes(mixed)
        try:
            with open_profile(folder, unlock=passphrase) as profile:
                profile.check()
                held = profile.consent.decisions()
        except (Damaged, RollbackDetected):
            noticed += 1
            continue
        assert not held[-1].granted  # a page that matters to no decision
    assert noticed


def test_a_damaged_log_drops_commits_and_the_anchor_tells(
    profile: Profile, passphrase: Passphrase, tmp_path: Path
) -> None:
    profile.consent.grant(Purpose.LEARN, shown="may I?")
    profile._database.checkpoint()
    profile.consent.withdraw(Purpose.LEARN)
    copy = tmp_path / "copy"
    shutil.copytree(profile.path, copy)
    on("store-1.db-wal", flip(-100))(copy)
    with open_profile(copy, unlock=passphrase) as damaged, pytest.raises(CommitsLost):
        damaged.check()
