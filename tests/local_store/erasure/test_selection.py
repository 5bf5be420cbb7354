"""What a selection takes: by words, by id, by time, and all that hangs on it."""

import pytest
from tests.local_store.erasure.records_to_forget import PLANTED, decrypted, fill, found, say

from homeward_store import (
    Erasure,
    MemoryDraft,
    Profile,
    Selection,
    SourceKind,
    Span,
    Used,
)
from homeward_store.testing import StoppedClock

SAID = "My code word is xylophonequartz."


def say_everywhere(profile: Profile, said: str) -> list[int]:
    """The same sentence in each kind of record, where none of them became a memory."""
    profile.attributes.set("motto", (said, "another"))
    turn = profile.turns.begin("asked", f"Did I say it? {said}", model="m")
    profile.turns.finish(turn.id, "ok", complete=True)
    turn = profile.turns.begin("echoed", "what was it?", model="m")
    profile.turns.finish(turn.id, f"You said: {said}", complete=True)
    profile.turns.begin("attached", "and this?", model="m", attached=[f"{said}.png"])
    profile.turns.begin(said, "a question in a conversation of this name", model="m")
    profile.notes.add(f"Note to self. {said} And more.")
    profile.choices.add(said, "yes", "no")
    profile.choices.add("which?", said, "no")
    profile.choices.add("which?", "yes", said)
    profile.writings.add("a letter", title=said)
    return [profile.writings.add(f"Dear all. {said} Yours").id]


def test_a_plan_shows_what_would_go_and_changes_nothing(profile: Profile) -> None:
    fill(profile)
    plan = profile.plan(Selection(topic=PLANTED))
    assert len(plan.memories) == 3
    assert dict(plan.counts())["attribute"] == 2
    assert profile.plan(Selection()).counts() == ()
    assert profile.memories.count() == 6


def test_a_topic_takes_other_forms_of_its_words_where_memories_hold_them(
    profile: Profile,
) -> None:
    say(profile, "c", "I was running home")
    say(profile, "c", "home again")
    assert len(profile.plan(Selection(topic="the run home")).memories) == 1
    assert profile.plan(Selection(topic="?")).counts() == ()


@pytest.mark.parametrize(
    "spelled",
    [
        SAID,
        "my  code WORD is\nxylophonequartz",
        "My code word is xylophonequ\u00ad\u200bartz!",
        "ＭＹ code word is Xylophonequartz",  # noqa: RUF001
        "My code word is x\u0308ylophonequartz?",
    ],
)
@pytest.mark.parametrize("first", [True, False])
def test_what_is_forgotten_is_gone_wherever_it_was_said(
    profile: Profile, spelled: str, *, first: bool
) -> None:
    fill(profile)
    say_everywhere(profile, spelled) if first else None
    note = profile.notes.add(SAID)
    source = Span(SourceKind.NOTE, note.id, 0, len(SAID))
    [memory] = profile.memories.add([MemoryDraft(SAID, source, note.noted_at)])
    None if first else say_everywhere(profile, spelled)
    expected = {
        "attribute": 1,
        "choice": 3,
        "memory": 1,
        "note": 2,
        "redaction": 1,
        "reply": 1,
        "title": 1,
        "turn": 3,
    }
    selection = Selection(memories=(memory.id,))
    assert dict(profile.plan(selection).counts()) == expected
    receipt = profile.forget(selection)
    assert dict(receipt.erased) == expected
    assert receipt.state is Erasure.COMPLETE
    folded = "".join(page.decode("utf-8", "ignore") for page in decrypted(profile)).casefold()
    assert "code word" not in folded
    letter = profile.writings.all()[-1].text
    assert letter.startswith("Dear all. █")
    assert letter.endswith(" Yours")
    assert found(profile, "harmless") > 10
    profile.check()


def test_a_shorter_text_that_a_longer_memory_stood_for_goes_with_it(profile: Profile) -> None:
    whole = f"Dear Ole. {SAID} Yours, Ada"
    writing = profile.writings.add(whole)
    span = Span(SourceKind.WRITING, writing.id, 0, len(whole))
    [memory] = profile.memories.add([MemoryDraft(whole, span, writing.added_at)])
    profile.notes.add("my code word is xylophonequartz")
    profile.notes.add("My code word is another.")
    counts = dict(profile.plan(Selection(memories=(memory.id,))).counts())
    assert counts["note"] == 1


def test_a_shorter_text_goes_with_a_longer_one_where_no_spaces_part_words(profile: Profile) -> None:
    whole = "我对花生过敏。我住在成都。"
    writing = profile.writings.add(whole)
    span = Span(SourceKind.WRITING, writing.id, 0, len(whole))
    [memory] = profile.memories.add([MemoryDraft(whole, span, writing.added_at)])
    profile.notes.add("我住在成都!")
    profile.notes.add("我住在重庆!")
    counts = dict(profile.plan(Selection(memories=(memory.id,))).counts())
    assert counts["note"] == 1


def test_a_topic_is_found_where_it_touches_another_script(profile: Profile) -> None:
    profile.notes.add("我用iPhone上网。")
    assert dict(profile.plan(Selection(topic="iphone")).counts()) == {"note": 1}


def test_a_short_word_is_not_sought_within_what_else_was_said(profile: Profile) -> None:
    say(profile, "c", "Would you like tea with that?")
    profile.turns.begin("c", "Tea!", model="m")
    note = profile.notes.add("Tea.")
    assert dict(profile.plan(Selection(notes=(note.id,))).counts()) == {"note": 1, "turn": 1}


def test_a_time_and_a_conversation_leave_the_same_words_from_elsewhere(profile: Profile) -> None:
    say(profile, "one", SAID)
    say(profile, "two", SAID)
    plan = profile.plan(Selection(conversations=("two",)))
    assert dict(plan.counts()) == {"memory": 1, "turn": 1}


@pytest.mark.parametrize(
    ("topic", "said"),
    [
        ("Zoë", "with Zoe\u0308 again"),
        ("zoe", "with ZOË again"),
        ("divorce", "Are you divorced?"),
        ("divorced", "a divorce"),
        ("Scheidung", "die Scheidungen"),
        ("Straße", "in der STRASSE"),
        ("istanbul", "in İSTANBUL"),
        ("555-1234", "call 5551234 now"),
        ("5551234", "call +47 555 12 34 now"),
        ("4111 1111", "it is 4111-1111-1111-1111"),
        ("4111111111111111", "it is 4111\u00a01111\u20111111 1111"),
        ("diabetes", "dia\u200bbe\u00adtes"),
        ("finance", "ﬁnance"),
        ("12345", "１２３４５"),  # noqa: RUF001
        ("東京", "私は東京に住んでいます"),
        ("👍", "well 👍 then"),
        ("Zoë", "about zoe_2024.png and more"),
        ("HIV", "with H.I.V. since"),
        ("U.S.A.", "in the USA then"),
        ("ex-wife", "my exwife"),
        ("exwife", "my ex-wife"),
        ("ex-wife", "my ex-wives"),
        ("girlfriend", "my girl friend"),
        ("wife", "all wives"),
        ("knives", "a knife"),
        ("children", "a child"),
        ("mouse", "some mice"),
        ("pregnancy", "when pregnant"),
        ("allergic", "an allergy"),
        ("therapist", "in therapy"),
        ("Müller", "with Mueller again"),
        ("Mueller", "with Mu\u0308ller again"),
        ("Århus", "in Aarhus"),
        ("oeuvre", "an œuvre"),
    ],
)
def test_a_topic_is_found_however_it_is_spelled(profile: Profile, topic: str, said: str) -> None:
    unlike = "nothing of the kind"
    for text in (said, unlike):
        profile.attributes.set(f"told {text}", "yes")
        profile.attributes.set(f"told {len(text)}", f'line "one"\n{text}')
        profile.attributes.set(f"list {len(text)}", ("a", text))
        say(profile, "c", text)
        profile.turns.begin(f"c {text}", "how so?", model="m")
        profile.turns.begin("c", "look", model="m", attached=["a.png", text])
        profile.notes.add(text)
        profile.writings.add("a text", title=text)
        profile.choices.add("a", text, "b")
    erased = dict(profile.forget(Selection(topic=topic)).erased)
    assert erased == {
        "attribute": 3,
        "choice": 1,
        "memory": 1,
        "note": 1,
        "turn": 3,
        "writing": 1,
    }
    assert len(profile.memories.match(unlike, limit=5)) == 1


@pytest.mark.parametrize(
    ("topic", "said"),
    [
        ("cat", "a category"),
        ("Ann", "annual"),
        ("news", "not even"),
        ("2024", "in 2 weeks"),
        ("man", "to mend"),
        ("police", "a policy"),
        ("wife", "a wire"),
        ("HIV", "I.H.V. then"),
    ],
)
def test_a_topic_does_not_take_other_words(profile: Profile, topic: str, said: str) -> None:
    profile.notes.add(said)
    assert profile.plan(Selection(topic=topic)).counts() == ()


def test_everything_takes_what_the_person_decided_along(profile: Profile) -> None:
    profile.settings.put("memories.denied_topics", [PLANTED])
    assert dict(profile.forget(Selection(everything=True)).erased) == {"setting": 1}
    assert found(profile) == 0


def test_a_memory_takes_its_turn_and_its_note_along(profile: Profile) -> None:
    turn = say(profile, "c", PLANTED)
    [memory] = profile.memories.of(SourceKind.TURN, turn.id)
    receipt = profile.forget(Selection(memories=(memory.id,)))
    assert dict(receipt.erased) == {"memory": 1, "turn": 1}
    assert found(profile) == 0


def test_of_a_writing_only_the_span_is_blacked_out(profile: Profile) -> None:
    writing = profile.writings.add(f"before {PLANTED} after")
    draft = MemoryDraft(PLANTED, Span(SourceKind.WRITING, writing.id, 7, 22), writing.added_at)
    [memory] = profile.memories.add([draft])
    profile.blobs.put("style", b"k", b"x", sources=[(SourceKind.WRITING, writing.id)])
    receipt = profile.forget(Selection(memories=(memory.id,)))
    left = profile.writings.get(writing.id)
    assert left is not None
    assert left.text == f"before {'█' * 15} after"
    assert dict(receipt.erased) == {"memory": 1, "redaction": 1}
    [stale] = profile.blobs.stale()
    assert stale.sources == ((SourceKind.WRITING, writing.id),)
    assert found(profile) == 0


def test_what_stood_before_a_memory_goes_with_its_own_source(profile: Profile) -> None:
    first = say(profile, "c", PLANTED)
    second = profile.turns.begin("c", "next", model="m")
    behind = Span(SourceKind.TURN, first.id, 0, 15)
    span = Span(SourceKind.TURN, second.id, 0, 4)
    draft = MemoryDraft("next", span, second.asked_at, context=PLANTED, context_source=behind)
    [memory] = profile.memories.add([draft])
    profile.forget(Selection(turns=(first.id,)))
    [left] = profile.memories.get([memory.id])
    assert (left.text, left.context, left.context_source) == ("next", "", None)
    assert profile.memories.match(PLANTED, limit=5) == []
    assert found(profile) == 0


def test_a_reply_built_on_what_goes_is_emptied_with_all_that_came_from_it(
    profile: Profile,
) -> None:
    source = say(profile, "c", f"my {PLANTED}")
    [memory] = profile.memories.of(SourceKind.TURN, source.id)
    asked = profile.turns.begin("d", "what do I have?", model="m")
    used = [Used(SourceKind.MEMORY, memory.id)]
    reply = profile.turns.finish(asked.id, f"a {PLANTED}", complete=True, used=used)
    profile.choices.add("what?", f"a {PLANTED}", "nothing", turn=reply.id)
    profile.blobs.put("kv", b"k", b"x", sources=[(SourceKind.TURN, reply.id)])
    of_reply = MemoryDraft(f"a {PLANTED}", Span(SourceKind.TURN, reply.id, 16, 33), reply.asked_at)
    of_question = MemoryDraft("have?", Span(SourceKind.TURN, reply.id, 10, 15), reply.asked_at)
    behind = MemoryDraft(
        "next",
        Span(SourceKind.NOTE, profile.notes.add("next").id, 0, 4),
        reply.asked_at,
        context=f"a {PLANTED}",
        context_source=Span(SourceKind.TURN, reply.id, 16, 33),
    )
    profile.memories.add([of_reply, of_question, behind])
    receipt = profile.forget(Selection(memories=(memory.id,)))
    left = profile.turns.get(reply.id)
    assert left is not None
    assert (left.asked, left.replied, left.complete) == ("what do I have?", "", False)
    assert dict(receipt.erased) == {"choice": 1, "memory": 2, "reply": 1, "turn": 1}
    assert receipt.stale == (("kv", 1),)
    assert [one.text for one in profile.memories.all()] == ["have?", "next"]
    assert found(profile) == 0


def test_every_reply_that_was_built_on_an_attribute_is_emptied_however_it_words_that(
    profile: Profile,
) -> None:
    attribute = profile.attributes.set("birth year", 1984)
    other = profile.attributes.set("home", "Bergen")
    texts = {"It was 1984.": attribute, "You are 42, so rest.": attribute, "It rains.": other}
    replies = []
    for text, told in texts.items():
        turn = profile.turns.begin("c", "how old am I?", model="m")
        used = [Used(SourceKind.ATTRIBUTE, told.id)]
        replies.append(profile.turns.finish(turn.id, text, complete=True, used=used))
    assert len(profile.plan(Selection(attributes=(attribute.id,))).replies) == 2
    profile.forget(Selection(attributes=(attribute.id,)))
    left = [found for one in replies if (found := profile.turns.get(one.id)) is not None]
    assert [one.replied for one in left] == ["", "", "It rains."]
    assert [one.asked for one in left] == ["how old am I?"] * 3


def test_a_key_takes_its_history_and_a_value_only_itself(profile: Profile) -> None:
    for value in ("old", "middle", "new"):
        last = profile.attributes.set("city", value)
    profile.forget(Selection(attributes=(last.id,)))
    assert profile.attributes.get("city") is None  # an older value does not come back to life
    assert [one.value for one in profile.attributes.history("city")] == ["old", "middle"]
    profile.forget(Selection(keys=("city",)))
    assert profile.attributes.history("city") == []


def test_conversations_and_times_are_forgotten_whole(profile: Profile, clock: StoppedClock) -> None:
    say(profile, "a", "one")
    say(profile, "b", "two")
    assert dict(profile.forget(Selection(conversations=("a", "c"))).erased) == {
        "memory": 1,
        "turn": 1,
    }
    clock.move(days=1)
    begin = clock()
    fill(profile)
    clock.move(days=1)
    say(profile, "d", "three")
    assert dict(profile.plan(Selection(until=begin)).counts()) == {"memory": 1, "turn": 1}
    profile.forget(Selection(since=begin, until=clock()))
    assert [turn.asked for turn in profile.turns.latest(9)] == ["three", "two"]
    assert profile.attributes.all() == []


def test_each_kind_can_be_named_by_id(profile: Profile) -> None:
    turn = say(profile, "a", "one")
    note, writing = profile.notes.add("n"), profile.writings.add("w")
    choice = profile.choices.add("?", "a", "b")
    receipt = profile.forget(
        Selection(turns=(turn.id,), notes=(note.id,), writings=(writing.id,), choices=(choice.id,))
    )
    assert dict(receipt.erased) == {"choice": 1, "memory": 1, "note": 1, "turn": 1, "writing": 1}


def test_more_records_than_fit_in_a_statement_are_forgotten_together(profile: Profile) -> None:
    with profile.transaction():
        notes = [profile.notes.add(f"note {number}") for number in range(1200)]
    receipt = profile.forget(Selection(notes=tuple(note.id for note in notes)))
    assert dict(receipt.erased) == {"note": 1200}
