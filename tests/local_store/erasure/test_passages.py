"""What goes with its own words alone: they are blacked out, and what stands beside them stays."""

from datetime import UTC, datetime

import pytest

from homeward_store import (
    MemoryDraft,
    MemoryId,
    Profile,
    Selection,
    SourceKind,
    Span,
    Used,
)

NOW = datetime(2026, 5, 1, tzinfo=UTC)
TEXT = "I sell blue bicycles. I was ill."
SOLD, ILL = (0, 21), (22, 32)


def taken_from(
    profile: Profile, kind: SourceKind, number: int, *places: tuple[int, int], text: str
) -> list[MemoryId]:
    drafts = [
        MemoryDraft(text[start:end], Span(kind, number, start, end), said_at=NOW)
        for start, end in places
    ]
    return [memory.id for memory in profile.memories.add(drafts)]


def source(profile: Profile, kind: SourceKind) -> int:
    match kind:
        case SourceKind.TURN:
            return profile.turns.begin("c", TEXT, model="m").id
        case SourceKind.NOTE:
            return profile.notes.add(TEXT).id
        case SourceKind.WRITING:
            return profile.writings.add(TEXT).id
        case _:
            return profile.choices.add("Well?", TEXT, "No.").id


def text_of(profile: Profile, kind: SourceKind) -> str:
    match kind:
        case SourceKind.TURN:
            return profile.turns.latest(1)[0].asked
        case SourceKind.NOTE:
            return profile.notes.all()[0].text
        case SourceKind.WRITING:
            return profile.writings.all()[0].text
        case _:
            return profile.choices.all()[0].chosen


@pytest.mark.parametrize(
    "kind", [SourceKind.TURN, SourceKind.NOTE, SourceKind.WRITING, SourceKind.CHOICE]
)
def test_the_words_go_and_those_beside_them_stay(profile: Profile, kind: SourceKind) -> None:
    number = source(profile, kind)
    sold, ill = taken_from(profile, kind, number, SOLD, ILL, text=TEXT)

    profile.forget(Selection(passages=(sold,)))

    assert text_of(profile, kind) == "\N{FULL BLOCK}" * 21 + " I was ill."
    assert [one.id for one in profile.memories.all()] == [ill]
    profile.check()


def test_a_reply_keeps_what_it_says_besides_until_it_was_built_on_the_words(
    profile: Profile,
) -> None:
    turn = profile.turns.begin("c", "Well?", model="m")
    profile.turns.settle(turn.id, TEXT)
    at = len("Well?") + 1
    places = [(at + start, at + end) for start, end in (SOLD, ILL)]
    sold, _ = taken_from(profile, SourceKind.TURN, turn.id, *places, text=f"Well?\n{TEXT}")
    later = profile.turns.begin("d", "And?", model="m")
    profile.turns.finish(later.id, "Blue.", complete=True, used=[Used(SourceKind.MEMORY, sold)])

    profile.forget(Selection(passages=(sold,)))

    assert "bicycles" not in "".join(one.text for one in profile.turns.latest(9))
    assert [one.asked for one in profile.turns.latest(9)] == ["And?", "Well?"]
    profile.check()


def test_a_memory_that_was_read_out_of_the_same_words_goes_with_them(profile: Profile) -> None:
    number = source(profile, SourceKind.TURN)
    sold, ill = taken_from(profile, SourceKind.TURN, number, SOLD, ILL, text=TEXT)
    [derived] = taken_from(profile, SourceKind.TURN, number, (7, 20), text=TEXT)

    profile.forget(Selection(passages=(sold,)))

    assert derived != ill
    assert [one.id for one in profile.memories.all()] == [ill]
