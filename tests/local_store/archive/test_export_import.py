"""An export comes in again whole, beside what is there, or not at all."""

import json
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from homeward_store import (
    FASTEST,
    Acknowledged,
    MemoryDraft,
    Origin,
    Passphrase,
    Profile,
    SealedFileCorrupt,
    SourceKind,
    Space,
    Span,
    StoreTooNew,
    UseContext,
    Used,
    WrongSecret,
    create_profile,
)
from homeward_store.archive import sealed_file
from homeward_store.archive.sealed_file import Content
from homeward_store.testing import StoppedClock

SEAL = Passphrase("seal")
SPACE = Space("0" * 64, 3)


def fill(profile: Profile) -> None:
    profile.attributes.set("city", "Turin", tags=("a",))
    attribute = profile.attributes.set("city", "Oslo", source=Origin.TOOL)
    profile.attributes.set("langs", ("it", "no"))
    turn = profile.turns.begin("morning", "tea?", model="m", use_context=UseContext("work", "mail"))
    note = profile.notes.add("note")
    writing = profile.writings.add("text", title="T")
    vector = np.array([1, 0, 0], np.float32)
    drafts = [
        MemoryDraft("tea?", Span(SourceKind.TURN, turn.id, 0, 4), turn.asked_at, tags=("b", "c")),
        MemoryDraft(
            "note",
            Span(SourceKind.NOTE, note.id, 0, 4),
            note.noted_at,
            context="tea?",
            context_source=Span(SourceKind.TURN, turn.id, 0, 4),
            vector=vector,
            space=SPACE,
        ),
        MemoryDraft("text", Span(SourceKind.WRITING, writing.id, 0, 4), note.noted_at),
    ]
    first, second, _ = profile.memories.add(drafts)
    profile.memories.supersede(first.id, by=second.id)
    used = [Used(SourceKind.MEMORY, first.id), Used(SourceKind.ATTRIBUTE, attribute.id)]
    profile.turns.finish(turn.id, "yes", complete=True, used=used)
    profile.choices.add("?", "a", "b", turn=turn.id)
    profile.choices.add("?", "c", "d", origin=Origin.DOCUMENT)


def contents(profile: Profile) -> list[Any]:
    return [
        profile.attributes.history("city"),
        profile.attributes.all(),
        profile.turns.latest(9),
        profile.writings.all(),
        profile.choices.all(),
        profile.notes.all(),
        list(profile.memories.all()),
        profile.memories.match("tea", limit=9),
        profile.memories.nearest(np.ones(3, np.float32), space=SPACE, limit=9),
    ]


@pytest.fixture
def other(tmp_path: Path, clock: StoppedClock) -> Iterator[Profile]:
    """A second, empty profile."""
    with create_profile(
        tmp_path / "eve", unlock=[Passphrase("p")], cost=FASTEST, clock=clock
    ).profile as made:
        yield made


def test_an_export_fills_an_empty_profile_with_the_same_records(
    profile: Profile, other: Profile, tmp_path: Path
) -> None:
    fill(profile)
    profile.export(tmp_path / "x", seal=SEAL, cost=FASTEST)
    assert other.import_records(tmp_path / "x", seal=SEAL) == 14
    assert contents(other) == contents(profile)
    other.check()


def test_imported_records_stand_behind_those_that_are_there(
    profile: Profile, other: Profile, tmp_path: Path
) -> None:
    fill(profile)
    fill(other)
    profile.export(tmp_path / "x", seal=SEAL, cost=FASTEST)
    other.import_records(tmp_path / "x", seal=SEAL)
    first, second = other.turns.conversation("morning")
    assert [len(one.used) for one in (first, second)] == [2, 2]
    assert second.used[0].id == first.used[0].id + 3
    imported = list(other.memories.all())[3:]
    assert imported[0].source.id == second.id
    assert imported[0].superseded_by == imported[1].id
    assert imported[1].context_source == Span(SourceKind.TURN, second.id, 0, 4)
    assert other.choices.all()[2].turn == second.id
    other.check()


@pytest.mark.parametrize("import_is_newer", [True, False])
def test_of_two_current_values_the_one_that_was_learned_later_counts(
    profile: Profile,
    other: Profile,
    tmp_path: Path,
    clock: StoppedClock,
    import_is_newer: bool,  # noqa: FBT001
) -> None:
    exporting, importing = profile, other
    first, second = (importing, exporting) if import_is_newer else (exporting, importing)
    first.attributes.set("city", "Turin")
    clock.move(days=1)
    second.attributes.set("city", "Oslo")
    exporting.export(tmp_path / "x", seal=SEAL, cost=FASTEST)
    importing.import_records(tmp_path / "x", seal=SEAL)
    [current] = importing.attributes.all()
    assert current.value == "Oslo"
    [old] = [one for one in importing.attributes.history("city") if one != current]
    assert (old.superseded_by, old.valid_until) == (current.id, current.valid_from)


def test_a_wrong_seal_and_a_damaged_export_bring_in_nothing(
    profile: Profile, other: Profile, tmp_path: Path
) -> None:
    fill(profile)
    profile.export(tmp_path / "x", seal=SEAL, cost=FASTEST)
    with pytest.raises(WrongSecret):
        other.import_records(tmp_path / "x", seal=Passphrase("guess"))
    whole = (tmp_path / "x").read_bytes()
    (tmp_path / "x").write_bytes(whole[:-1])
    with pytest.raises(SealedFileCorrupt):
        other.import_records(tmp_path / "x", seal=SEAL)
    assert sum(other._database.census()[kind.value] for kind in SourceKind) == 0


def lines_of(profile: Profile, path: Path) -> list[dict[str, Any]]:
    profile.export_plaintext(path, acknowledge=Acknowledged.ANYONE_CAN_READ_THIS_FILE)
    return [json.loads(line) for line in path.read_text("utf-8").splitlines()]


def test_a_plaintext_export_needs_an_acknowledgement(profile: Profile, tmp_path: Path) -> None:
    with pytest.raises(TypeError):
        profile.export_plaintext(tmp_path / "x", acknowledge=True)  # type: ignore[arg-type]
    assert not (tmp_path / "x").exists()
    fill(profile)
    lines = lines_of(profile, tmp_path / "x")
    assert lines[0] == {"format": "homeward-export", "version": 1}
    assert lines[-1] == {"kind": "end", "records": 14}
    assert (tmp_path / "x").stat().st_mode & 0o077 == 0


Change = Callable[[list[dict[str, Any]]], object]


def of_kind(lines: list[dict[str, Any]], kind: str) -> dict[str, Any]:
    return next(line for line in lines if line.get("kind") == kind)


CHANGES: list[Change] = [
    lambda lines: lines.clear(),
    lambda lines: lines.pop(),
    lambda lines: lines.pop(0),
    lambda lines: lines.pop(3),
    lambda lines: lines.append({"kind": "note", "id": 9, "text": "t", "noted_at": 0}),
    lambda lines: lines[0].update(format="another"),
    lambda lines: lines[1].update(kind="surprise"),
    lambda lines: lines[1].update(id=0),
    lambda lines: lines[1].update(id="1"),
    lambda lines: lines[1].update(value="not json"),
    lambda lines: lines[1].update(origin="martian"),
    lambda lines: lines[1].update(learned_at=1.5),
    lambda lines: lines[1].update(learned_at=2**60),
    lambda lines: lines[1].update(tags=[""]),
    lambda lines: lines[1].pop("tags"),
    lambda lines: of_kind(lines, "note").update(text=5),
    lambda lines: of_kind(lines, "note").update(text="a\0"),
    lambda lines: of_kind(lines, "note").update(noted_at=None),
    lambda lines: of_kind(lines, "choice").update(chosen="b"),
    lambda lines: of_kind(lines, "memory").update(source_id=77),
    lambda lines: of_kind(lines, "memory").update(source_kind="surprise"),
    lambda lines: of_kind(lines, "vector").update(float32="AAAA"),
    lambda lines: of_kind(lines, "vector").update(memory=77),
    lambda lines: of_kind(lines, "used").update(of="note"),
    lambda lines: of_kind(lines, "used").update(turn=77),
]


@pytest.mark.parametrize("change", CHANGES)
def test_a_line_that_is_not_as_it_should_be_stops_everything(
    profile: Profile, other: Profile, tmp_path: Path, change: Change
) -> None:
    fill(profile)
    lines = lines_of(profile, tmp_path / "plain")
    change(lines)
    pieces = [json.dumps(line).encode() + b"\n" for line in lines]
    sealed_file.write(tmp_path / "x", pieces, content=Content.EXPORT, seal=SEAL, cost=FASTEST)
    with pytest.raises(SealedFileCorrupt):
        other.import_records(tmp_path / "x", seal=SEAL)
    assert sum(other._database.census()[kind.value] for kind in SourceKind) == 0
    assert other.memories.spaces() == []


def test_an_export_of_a_newer_program_is_told_from_damage(other: Profile, tmp_path: Path) -> None:
    line = b'{"format": "homeward-export", "version": 2}\n'
    sealed_file.write(tmp_path / "x", [line], content=Content.EXPORT, seal=SEAL, cost=FASTEST)
    with pytest.raises(StoreTooNew):
        other.import_records(tmp_path / "x", seal=SEAL)
