"""A backup restores everything on another machine under other keys, or nothing at all."""

import json
from pathlib import Path

import pytest

from homeward_store import (
    FASTEST,
    CreatedProfile,
    MemoryDraft,
    Passphrase,
    Profile,
    ProfileExists,
    RecoveryCode,
    SealedFileCorrupt,
    SourceKind,
    Span,
    StoreTooNew,
    WrongSecret,
    open_profile,
    restore_profile,
)
from homeward_store.archive import sealed_file
from homeward_store.archive.sealed_file import Content
from homeward_store.database import migrations

SEAL = Passphrase("paper in the safe")


def fill(profile: Profile) -> None:
    turn = profile.turns.begin("morning", "where is the tea?", model="m")
    profile.memories.add(
        [
            MemoryDraft(
                text=turn.asked,
                source=Span(SourceKind.TURN, turn.id, 0, 17),
                said_at=turn.asked_at,
                tags=("kitchen",),
            )
        ]
    )
    profile.attributes.set("name", "Ada")
    profile.blobs.put("soft prompt", b"model", b"numbers", sources=[(SourceKind.TURN, turn.id)])


def contents(profile: Profile) -> object:
    return (
        profile.turns.conversation("morning"),
        list(profile.memories.all()),
        profile.attributes.all(),
        profile.blobs.get("soft prompt", b"model"),
        profile.id,
    )


def restored(tmp_path: Path, seal: Passphrase | RecoveryCode = SEAL) -> CreatedProfile:
    return restore_profile(
        tmp_path / "backup",
        tmp_path / "elsewhere",
        seal=seal,
        unlock=[Passphrase("new machine")],
        cost=FASTEST,
    )


def test_a_restored_profile_holds_the_same_and_opens_with_new_ways_in(
    profile: Profile, tmp_path: Path
) -> None:
    fill(profile)
    before = contents(profile)
    profile.backup(tmp_path / "backup", seal=SEAL, cost=FASTEST)
    with restored(tmp_path).profile as there:
        assert contents(there) == before
        there.check()
    with open_profile(tmp_path / "elsewhere", unlock=Passphrase("new machine")) as there:
        assert contents(there) == before
    with pytest.raises(WrongSecret):
        open_profile(tmp_path / "elsewhere", unlock=Passphrase("correct horse"))
    assert not list(profile.path.glob("store-0.db*"))


def test_receipts_of_a_restored_profile_still_verify(profile: Profile, tmp_path: Path) -> None:
    from homeward_store import Selection

    receipt = profile.forget(Selection(everything=True))
    profile.backup(tmp_path / "backup", seal=SEAL, cost=FASTEST)
    with restored(tmp_path).profile as there:
        assert there.receipts() == [receipt]
        assert there.receipts()[0].verify()


def test_a_recovery_code_can_seal_a_backup(profile: Profile, tmp_path: Path) -> None:
    fill(profile)
    code = RecoveryCode.random()
    profile.backup(tmp_path / "backup", seal=code, cost=FASTEST)
    with restored(tmp_path, seal=RecoveryCode(code.reveal())).profile as there:
        assert there.attributes.get("name")
    for wrong in (SEAL, RecoveryCode.random()):
        with pytest.raises(WrongSecret):
            restore_profile(tmp_path / "backup", tmp_path / "x", seal=wrong, unlock=[SEAL])


def test_what_may_be_spent_is_decided_anew_after_restoring(
    profile: Profile, tmp_path: Path
) -> None:
    profile.spending.set_budget("default", 1.0)
    profile.backup(tmp_path / "backup", seal=SEAL, cost=FASTEST)
    with restored(tmp_path).profile as there:
        assert there.spending.budget("default") == 0.0
        there.check()


def test_a_damaged_backup_restores_nothing(profile: Profile, tmp_path: Path) -> None:
    fill(profile)
    profile.backup(tmp_path / "backup", seal=SEAL, cost=FASTEST)
    whole = (tmp_path / "backup").read_bytes()
    for damaged in (whole[:-1], whole[: len(whole) // 2], whole + b"x", b"", whole[:30]):
        (tmp_path / "backup").write_bytes(damaged)
        with pytest.raises(SealedFileCorrupt):
            restored(tmp_path)
        assert not (tmp_path / "elsewhere").exists()
    assert [one.name for one in tmp_path.iterdir() if one.name.startswith(".")] == []


def test_restoring_never_overwrites(profile: Profile, tmp_path: Path) -> None:
    profile.backup(tmp_path / "backup", seal=SEAL, cost=FASTEST)
    with pytest.raises(ProfileExists):
        restore_profile(tmp_path / "backup", profile.path, seal=SEAL, unlock=[SEAL], cost=FASTEST)


def test_a_backup_of_a_newer_program_is_refused(
    profile: Profile, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    from homeward_store.archive import backup

    profile.backup(tmp_path / "backup", seal=SEAL, cost=FASTEST)
    monkeypatch.setattr(backup, "CURRENT", migrations.CURRENT - 1)
    with pytest.raises(StoreTooNew):
        restored(tmp_path)


def sealed(tmp_path: Path, *pieces: bytes) -> None:
    path = tmp_path / "backup"
    sealed_file.write(path, pieces, content=Content.BACKUP, seal=SEAL, cost=FASTEST)


def manifest(**changes: object) -> bytes:
    whole: dict[str, object] = {
        "format": "homeward-backup",
        "version": 1,
        "profile": "p",
        "schema": 1,
        "database_key": "00",
        "files": [["store.db", 3]],
    }
    return json.dumps(whole | changes).encode()


@pytest.mark.parametrize(
    "text",
    [
        b"not json",
        b"[]",
        manifest(format="something else"),
        manifest(files=[["store.db", 3], ["../../evil", 3]]),
        manifest(files=[["store.db", -1]]),
        manifest(files=[]),
    ],
)
def test_a_sealed_manifest_of_a_wrong_shape_is_refused(tmp_path: Path, text: bytes) -> None:
    sealed(tmp_path, len(text).to_bytes(4, "big") + text)
    with pytest.raises(SealedFileCorrupt):
        restored(tmp_path)
    assert not (tmp_path / "elsewhere").exists()


def test_a_manifest_may_not_be_endless_nor_of_a_newer_version(tmp_path: Path) -> None:
    sealed(tmp_path, b"\xff\xff\xff\xff")
    with pytest.raises(SealedFileCorrupt, match="too long"):
        restored(tmp_path)
    newer = manifest(version=2)
    sealed(tmp_path, len(newer).to_bytes(4, "big") + newer)
    with pytest.raises(StoreTooNew):
        restored(tmp_path)
