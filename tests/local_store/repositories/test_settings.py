"""Settings, tags, what was withheld, what was imported: kept as they were last said."""

import hashlib
from collections.abc import Callable
from datetime import timedelta

import numpy as np
import pytest

from homeward_store import (
    InvalidText,
    InvalidValue,
    MemoryDraft,
    NotFound,
    Profile,
    Selection,
    SourceKind,
    Span,
    Withheld,
)
from homeward_store.records import MemoryId
from homeward_store.testing import StoppedClock


def test_a_setting_is_what_was_last_said(profile: Profile, reopen: Callable[[], Profile]) -> None:
    assert profile.settings.get("rules") is None

    profile.settings.put("rules", [{"tag": "health"}])
    profile.settings.put("rules", [{"tag": "money", "audiences": None}])

    profile = reopen()
    assert profile.settings.get("rules") == [{"tag": "money", "audiences": None}]
    profile.settings.remove("rules")
    assert profile.settings.get("rules") is None


def test_a_setting_is_json_that_can_be_stored(profile: Profile) -> None:
    with pytest.raises(TypeError):
        profile.settings.put("rules", {1, 2})
    with pytest.raises(InvalidValue, match="number"):
        profile.settings.put("rules", float("nan"))
    with pytest.raises(InvalidText):
        profile.settings.put("rules", "\ud800")
    assert profile.settings.get("rules") is None


def test_tags_are_replaced(profile: Profile, clock: StoppedClock) -> None:
    note = profile.notes.add("My knee hurts.")
    draft = MemoryDraft(
        text="My knee hurts.", source=Span(SourceKind.NOTE, note.id, 0, 14), said_at=clock()
    )
    [memory] = profile.memories.add([draft])
    profile.attributes.set("knee", "sore", tags=("health",))

    profile.memories.retag(memory.id, ("sport", "health"))
    profile.attributes.retag("knee", ())

    assert profile.memories.get([memory.id])[0].tags == ("health", "sport")
    [attribute] = profile.attributes.all()
    assert attribute.tags == ()


def test_what_is_not_there_has_no_tags(profile: Profile) -> None:
    with pytest.raises(NotFound):
        profile.memories.retag(MemoryId(9), ("x",))
    with pytest.raises(NotFound):
        profile.attributes.retag("nothing", ("x",))


def test_a_turn_says_what_its_reply_was_denied_until_that_is_forgotten(
    profile: Profile, clock: StoppedClock
) -> None:
    note = profile.notes.add("My knee hurts.")
    draft = MemoryDraft(
        text="My knee hurts.", source=Span(SourceKind.NOTE, note.id, 0, 14), said_at=clock()
    )
    [memory] = profile.memories.add([draft])
    turn = profile.turns.begin("c", "How do I feel?", model="m")
    everything = Withheld(SourceKind.ATTRIBUTE, None, "no consent")
    one = Withheld(SourceKind.MEMORY, memory.id, "health stays private")

    profile.turns.finish(turn.id, "Fine.", complete=True, withheld=[one])
    again = profile.turns.finish(turn.id, "Well.", complete=True, withheld=[everything, one])

    assert again.withheld == (everything, one)
    profile.forget(Selection(memories=(memory.id,)))
    kept = profile.turns.get(turn.id)
    assert kept is not None
    assert kept.withheld == (everything,)


def test_what_was_imported_is_known_by_its_digest(profile: Profile) -> None:
    digests = [hashlib.sha256(np.int32(n).tobytes()).digest() for n in range(1200)]
    profile.imported.mark(digests[:1000])
    profile.imported.mark(digests[:10])

    assert profile.imported.seen(digests) == set(digests[:1000])
    assert profile.imported.seen([]) == set()


def test_memories_are_found_by_tag_and_dropped_without_their_source(
    profile: Profile, clock: StoppedClock
) -> None:
    note = profile.notes.add("My knee hurts.")
    span = Span(SourceKind.NOTE, note.id, 0, 14)
    draft = MemoryDraft(text="My knee hurts.", source=span, said_at=clock(), tags=("x",))
    first, second = profile.memories.add([draft, draft])

    profile.memories.drop(first.id)

    assert [one.id for one in profile.memories.tagged("x")] == [second.id]
    assert profile.memories.tagged("y") == []
    assert len(profile.memories.match("knee", limit=9)) == 1
    assert profile.notes.get(note.id) is not None
    with pytest.raises(NotFound):
        profile.memories.drop(first.id)


def test_an_exchange_from_elsewhere_keeps_its_time(profile: Profile, clock: StoppedClock) -> None:
    then = clock() - timedelta(days=400)

    turn = profile.turns.record("old", "How?", "So.", model="other", asked_at=then)

    assert (turn.asked, turn.replied, turn.complete) == ("How?", "So.", True)
    assert turn.asked_at == turn.replied_at == then
    assert profile.turns.conversation("old") == [turn]


def test_what_was_superseded_by_mistake_is_reinstated(
    profile: Profile, clock: StoppedClock
) -> None:
    note = profile.notes.add("My knee hurts.")
    draft = MemoryDraft(
        text="My knee hurts.", source=Span(SourceKind.NOTE, note.id, 0, 14), said_at=clock()
    )
    first, second = profile.memories.add([draft, draft])
    profile.memories.supersede(first.id, by=second.id)

    profile.memories.reinstate(first.id)

    [again] = profile.memories.get([first.id])
    assert again == first
    with pytest.raises(NotFound):
        profile.memories.reinstate(MemoryId(99))
