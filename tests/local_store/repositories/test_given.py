"""What the person gave comes back as it was given: attributes, turns, writings, choices, notes."""

from collections.abc import Callable

import pytest
from hypothesis import HealthCheck, given, settings, strategies as st

from homeward_store import (
    AttributeId,
    AttributeValue,
    ChoiceId,
    ChoiceSource,
    InvalidText,
    MemoryDraft,
    NoteId,
    NotFound,
    Origin,
    Profile,
    Selection,
    SourceKind,
    Span,
    TurnId,
    UseContext,
    Used,
    WritingId,
)
from homeward_store.testing import StoppedClock

ODD = "caf\u00e9 \u202eabc \x07 \U0001f600 \u200d\n\r\t"
TEXT = st.text(st.characters(exclude_categories=["Cs"], exclude_characters="\0"), max_size=200)
within_one_profile = settings(
    max_examples=40, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture]
)


@pytest.mark.parametrize("value", ["Ada", ODD, "", 7, -1.5, True, ("a", "b"), ()])
def test_an_attribute_keeps_its_value_and_type(profile: Profile, value: AttributeValue) -> None:
    profile.attributes.set("key", value)
    found = profile.attributes.get("key")
    assert found is not None
    assert (found.value, type(found.value)) == (value, type(value))


def test_setting_a_key_again_keeps_the_older_value_as_history(
    profile: Profile, clock: StoppedClock
) -> None:
    first = profile.attributes.set("city", "Turin", source=Origin.DOCUMENT, tags=("b", "a"))
    clock.move(days=1)
    second = profile.attributes.set("city", "Oslo")
    third = profile.attributes.set("city", "Bergen")
    old, middle, now = profile.attributes.history("city")
    assert (old.value, middle.value, now.value) == ("Turin", "Oslo", "Bergen")
    assert (old.superseded_by, middle.superseded_by, now.superseded_by) == (
        second.id,
        third.id,
        None,
    )
    assert old.valid_until == second.valid_from
    assert (old.origin, old.tags) == (Origin.DOCUMENT, ("a", "b"))
    assert profile.attributes.all() == [third]
    assert profile.attributes.by_id(first.id) == old
    assert profile.attributes.by_id(AttributeId(99)) is None
    assert profile.attributes.get("village") is None


def test_attributes_are_listed_by_key_and_may_begin_earlier(
    profile: Profile, clock: StoppedClock
) -> None:
    earlier = clock()
    clock.move(days=3)
    profile.attributes.set("b", 1)
    profile.attributes.set("a", 2, valid_from=earlier)
    assert [one.key for one in profile.attributes.all()] == ["a", "b"]
    assert profile.attributes.all()[0].valid_from == earlier


def test_an_attribute_needs_a_key_and_storable_text(profile: Profile) -> None:
    with pytest.raises(ValueError, match="key"):
        profile.attributes.set("", 1)
    with pytest.raises(ValueError, match="Out of range"):
        profile.attributes.set("k", float("nan"))
    for key, value in (("k\0", "v"), ("k", "v\0"), ("k", ("\ud800",))):
        with pytest.raises(InvalidText):
            profile.attributes.set(key, value)
    assert profile.attributes.all() == []


def test_a_question_is_kept_before_its_reply(
    profile: Profile, reopen: Callable[[], Profile]
) -> None:
    begun = profile.turns.begin("morning", ODD, model="m")
    assert (begun.replied, begun.complete, begun.replied_at) == ("", False, None)
    found = reopen().turns.get(begun.id)
    assert found == begun
    assert found is not None
    assert found.text == f"{ODD}\n"


def test_a_finished_turn_names_what_its_reply_was_built_on(profile: Profile) -> None:
    turn = profile.turns.begin("morning", "where?", model="m")
    earlier = profile.turns.begin("morning", "why?", model="m")
    used = [
        Used(SourceKind.TURN, earlier.id),
        Used(SourceKind.ATTRIBUTE, profile.attributes.set("a", 1).id),
    ]
    profile.turns.finish(turn.id, "ther", complete=False, used=used[:1])
    done = profile.turns.finish(turn.id, "there", complete=True, used=used)
    assert (done.replied, done.complete, done.used) == ("there", True, tuple(used))
    assert done.replied_at is not None


def test_a_reply_to_what_was_forgotten_meanwhile_is_not_kept(profile: Profile) -> None:
    used = [Used(SourceKind.ATTRIBUTE, profile.attributes.set("town", "Bergen").id)]
    turn = profile.turns.begin("morning", "where?", model="m")
    profile.forget(Selection(keys=("town",)))
    done = profile.turns.finish(turn.id, "In Bergen.", complete=True, used=used)
    assert (done.asked, done.replied, done.complete) == ("where?", "", False)


def test_a_memory_has_no_context_that_was_forgotten(profile: Profile) -> None:
    before = profile.turns.begin("c", "I moved to Bergen", model="m")
    turn = profile.turns.begin("c", "The flat is small", model="m")
    profile.forget(Selection(turns=(before.id,)))
    draft = MemoryDraft(
        turn.asked,
        Span(SourceKind.TURN, turn.id, 0, 17),
        turn.asked_at,
        context=before.asked,
        context_source=Span(SourceKind.TURN, before.id, 0, 17),
    )
    [memory] = profile.memories.add([draft])
    assert (memory.context, memory.context_source) == ("", None)


def test_what_was_attached_to_a_question_is_kept_by_name(profile: Profile) -> None:
    begun = profile.turns.begin("c", "?", model="m", attached=(ODD, "b.png"))
    profile.turns.finish(begun.id, "so", complete=True)

    turn = profile.turns.get(begun.id)

    assert turn is not None
    assert turn.attached == begun.attached == (ODD, "b.png")
    with pytest.raises(InvalidText):
        profile.turns.begin("c", "?", model="m", attached=("a\0b",))


def test_turns_are_read_by_conversation_and_by_age(profile: Profile) -> None:
    turns = [profile.turns.begin(name, "?", model="m") for name in ("a", "b", "a")]
    assert profile.turns.conversation("a") == [turns[0], turns[2]]
    assert profile.turns.conversation("c") == []
    assert profile.turns.latest(2) == [turns[2], turns[1]]
    assert profile.turns.conversations() == ["a", "b"]
    assert profile.turns.count() == 3
    assert profile.turns.get(TurnId(99)) is None


def test_a_turn_that_is_gone_cannot_be_finished(profile: Profile) -> None:
    with pytest.raises(NotFound, match="turn 99"):
        profile.turns.finish(TurnId(99), "too late", complete=True)


def test_writings_and_notes_come_back_in_order(profile: Profile, clock: StoppedClock) -> None:
    first = profile.writings.add(ODD, title="T", origin=Origin.DOCUMENT, written_at=clock())
    second = profile.writings.add("")
    assert profile.writings.all() == [first, second]
    assert profile.writings.get(first.id) == first
    assert (first.text, first.title, first.written_at) == (ODD, "T", clock())
    assert (second.title, second.written_at) == (None, None)
    assert profile.writings.get(WritingId(99)) is None
    note = profile.notes.add(ODD)
    assert profile.notes.all() == [note] == [profile.notes.get(note.id)]
    assert profile.notes.get(NoteId(99)) is None


def test_a_choice_prefers_one_of_two_replies(profile: Profile) -> None:
    turn = profile.turns.begin("a", "?", model="m")
    choice = profile.choices.add("?", "yes", "no", source=ChoiceSource.RETRY, turn=turn.id)
    other = profile.choices.add("?", "yes", "no")
    assert profile.choices.all() == [choice, other]
    assert profile.choices.get(choice.id) == choice
    assert (choice.source, choice.turn, other.turn) == (ChoiceSource.RETRY, turn.id, None)
    assert profile.choices.get(ChoiceId(99)) is None
    with pytest.raises(ValueError, match="different"):
        profile.choices.add("?", "same", "same")
    with pytest.raises(NotFound):
        profile.choices.add("?", "a", "b", turn=TurnId(99))


@within_one_profile
@given(TEXT, TEXT)
def test_any_text_comes_back_as_it_was(profile: Profile, asked: str, replied: str) -> None:
    turn = profile.turns.begin(asked, asked, model=replied)
    done = profile.turns.finish(turn.id, replied, complete=True)
    assert (done.conversation, done.asked, done.replied) == (asked, asked, replied)
    assert profile.notes.add(asked).text == asked


def test_text_that_cannot_be_kept_is_refused_and_nothing_is_written(profile: Profile) -> None:
    for bad in ("a\0", "\udc80"):
        for write in (
            lambda bad=bad: profile.turns.begin("c", bad, model="m"),
            lambda bad=bad: profile.writings.add(bad),
            lambda bad=bad: profile.writings.add("x", title=bad),
            lambda bad=bad: profile.choices.add(bad, "a", "b"),
            lambda bad=bad: profile.notes.add(bad),
        ):
            with pytest.raises(InvalidText):
                write()
    assert (profile.turns.count(), profile.writings.all(), profile.notes.all()) == (0, [], [])


def test_a_megabyte_is_kept(profile: Profile) -> None:
    text = "long " * 200_000
    assert profile.turns.begin("c", text, model="m").asked == text


def test_several_writes_are_one_transaction(profile: Profile) -> None:
    with pytest.raises(KeyError), profile.transaction():
        profile.notes.add("one")
        profile.attributes.set("two", 2)
        raise KeyError
    assert profile.notes.all() == []
    assert profile.attributes.all() == []


def test_what_waits_for_a_commit_is_called_after_it_and_never_without(profile: Profile) -> None:
    called: list[str] = []

    with pytest.raises(KeyError), profile.transaction():
        profile.after_commit(lambda: called.append("undone"))
        raise KeyError
    with profile.transaction():
        profile.after_commit(lambda: called.append("done"))
        assert called == []

    assert called == ["done"]


def test_a_conversation_is_had_in_one_moment_and_another_one_of_its_name_in_the_next(
    profile: Profile,
) -> None:
    colleagues = UseContext("colleagues", "mail")
    mine = profile.turns.begin("work", "alone?", model="m")
    theirs = profile.turns.begin("work", "among us?", model="m", use_context=colleagues)
    profile.turns.settle(theirs.id, "Among us. ")

    assert profile.turns.conversation("work", use_context=UseContext()) == [mine]
    assert [t.asked for t in profile.turns.conversation("work", use_context=colleagues)] == [
        "among us?"
    ]
    assert [t.asked for t in profile.turns.conversation("work")] == ["alone?", "among us?"]
    assert profile.turns.conversations() == ["work"]
    assert profile.turns.latest(5, use_context=UseContext()) == [mine]
    [had] = profile.turns.replied_with("Among us.\n", asked=" among us?")
    assert had.use_context == colleagues
    assert profile.turns.replied_with("Among us.") == [had]
    assert profile.turns.replied_with("alone.", asked="among us?") == []

    profile.forget(Selection(conversations=("work",)))
    assert profile.turns.conversation("work") == []
