"""The doctor finds each trouble by name, changes nothing and shows nothing of the person."""

from collections.abc import Callable
from pathlib import Path

import pytest

from homeward_store import Passphrase, Profile, Purpose, Selection, files
from homeward_store.folder import Folder
from homeward_store.keys import keyslots

SOUND = "in order"


def troubles(profile: Profile) -> dict[str, str]:
    return {one.check: one.detail for one in profile.examine() if not one.ok}


@pytest.fixture
def anchored(profile: Profile) -> Profile:
    """A profile that nothing is wrong with."""
    profile.consent.grant(Purpose.LEARN, shown="May I?")
    profile.notes.add("planted")
    profile.blobs.put("cache", b"planted", b"x")
    return profile


def test_a_sound_profile_is_in_order(anchored: Profile) -> None:
    findings = anchored.examine()
    assert {one.detail for one in findings} == {SOUND}
    assert all(one.ok for one in findings)
    assert len(findings) == 7


def test_a_ledger_that_has_lost_its_anchor_is_told_from_an_empty_one(profile: Profile) -> None:
    assert troubles(profile) == {}
    profile.consent.grant(Purpose.LEARN, shown="May I?")
    (profile.path / "anchor.json").unlink()
    assert list(troubles(profile)) == ["ledger and anchor"]


def test_a_rollback_is_found(anchored: Profile) -> None:
    (anchored.path / "anchor.json").write_text("{}")
    assert "RollbackDetected" in troubles(anchored)["ledger and anchor"]


def test_a_damaged_blob_is_found(anchored: Profile) -> None:
    [blob] = (anchored.path / "blobs").iterdir()
    blob.write_bytes(b"")
    assert troubles(anchored) == {"blob files": "1 damaged; remove and derive anew"}


def test_files_that_others_may_read_are_found(anchored: Profile) -> None:
    (anchored.path / "keyslots.json").chmod(0o644)
    assert troubles(anchored) == {"file modes": "others may read keyslots.json"}


def test_a_damaged_index_is_found(anchored: Profile) -> None:
    anchored._database.run("DROP TRIGGER memory_words_insert")
    anchored._database.run(
        "INSERT INTO memory(text, source_kind, source_id, source_start, source_end, origin,"
        " said_at, learned_at, valid_from) VALUES('planted', 'note', 1, 0, 1, 'person', 0, 0, 0)"
    )
    assert "StoreCorrupt" in troubles(anchored)["full-text index"]


def test_a_link_that_leads_nowhere_is_found(anchored: Profile) -> None:
    connection = anchored._database._connection
    connection.set_authorizer(None)
    connection.execute("PRAGMA foreign_keys = OFF")
    connection.execute("INSERT INTO attribute_tag(tag, attribute) VALUES('t', 99)")
    assert "foreign_key_check" in troubles(anchored)["database pages, indexes and links"]


def test_missing_ways_in_are_found(anchored: Profile, passphrase: Passphrase) -> None:
    from dataclasses import replace

    path = anchored.path / "keyslots.json"
    file = keyslots.read(path)
    master, _ = keyslots.open_slot(file, passphrase)
    only, recovery = file.slots
    keyslots.write(path, replace(file, slots=(only,)), master)
    assert troubles(anchored) == {"ways in": "no recovery slot"}
    keyslots.write(path, replace(file, slots=(recovery,)), master)
    assert troubles(anchored) == {"ways in": "only the recovery code opens this profile"}


def test_a_pending_erasure_is_found(anchored: Profile) -> None:
    with anchored.transaction():
        anchored.forget(Selection(everything=True))
    assert troubles(anchored)["erasures"] == "1 pending"


def test_nothing_of_the_person_is_shown(anchored: Profile) -> None:
    assert "planted" not in repr(anchored.examine())


def test_a_full_disk_and_a_refusal_are_told_apart(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    import errno

    from homeward_store import StoreFull, StoreUnwritable

    def raises(number: int) -> Callable[[Path], None]:
        def create(_: Path) -> None:
            raise OSError(number, "planted")

        return create

    for number, expected in (
        (errno.ENOSPC, StoreFull),
        (errno.EDQUOT, StoreFull),
        (errno.EIO, StoreUnwritable),
        (errno.EACCES, StoreUnwritable),
    ):
        monkeypatch.setattr(files, "create_private", raises(number))
        with pytest.raises(expected) as caught:
            files.write_durably(tmp_path / "x", b"data")
        assert "planted" not in str(caught.value)


def test_a_file_is_replaced_whole_or_not_at_all(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    files.write_durably(tmp_path / "x", b"old")

    def fails(partial: Path, path: Path) -> None:
        raise OSError(5, f"{partial} {path}")

    with monkeypatch.context() as patch:
        patch.setattr(files, "publish", fails)
        with pytest.raises(Exception, match="x"):
            files.write_durably(tmp_path / "x", b"new")
    assert (tmp_path / "x").read_bytes() == b"old"
    files.write_durably(tmp_path / "x", b"new")
    assert (tmp_path / "x").read_bytes() == b"new"


def test_a_folder_that_cannot_be_locked_says_so(tmp_path: Path) -> None:
    from homeward_store import StoreUnwritable

    with pytest.raises(StoreUnwritable):
        Folder(tmp_path / "nowhere").lock()
    Folder(tmp_path).unlock()
