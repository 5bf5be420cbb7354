"""What a reply was built on is kept with it, to the end of every chain, and forgetting follows."""

from pathlib import Path

import pytest

from homeward_store import (
    FASTEST,
    LearnedKind,
    LearnedUse,
    MemoryDraft,
    MemoryId,
    NotFound,
    Passphrase,
    Pick,
    Profile,
    Selection,
    SourceKind,
    Span,
    Turn,
    TurnId,
    Used,
)

STYLE = LearnedUse(LearnedKind.STYLE, "a" * 64, ((SourceKind.WRITING, 2), (SourceKind.CHOICE, 1)))


def reply(profile: Profile, said: str, *used: Used) -> Turn:
    turn = profile.turns.begin("c", "and then?", model="m")
    return profile.turns.finish(turn.id, said, complete=True, used=used)


def replied(profile: Profile, *turns: Turn) -> list[str]:
    found = [profile.turns.get(turn.id) for turn in turns]
    return [one.replied for one in found if one]


def noted(profile: Profile, text: str) -> Used:
    note = profile.notes.add(text)
    span = Span(SourceKind.NOTE, note.id, 0, len(text))
    [memory] = profile.memories.add([MemoryDraft(text, span, note.noted_at)])
    return Used(SourceKind.MEMORY, memory.id)


def turn(one: Turn) -> Used:
    return Used(SourceKind.TURN, one.id)


def test_a_reply_built_on_a_reply_built_on_a_forgotten_memory_is_emptied(profile: Profile) -> None:
    memory = noted(profile, "I am allergic to walnuts")
    first = reply(profile, "Mind the walnuts.", memory)
    second = reply(profile, "As I said: none of these.", turn(first))
    third = reply(profile, "Then have an apple.", turn(second))
    other = reply(profile, "Paris.")

    chosen = Selection(memories=(MemoryId(memory.id),))
    planned = profile.plan(chosen)
    receipt = profile.forget(chosen)

    assert planned.replies == {first.id, second.id, third.id}
    assert dict(planned.counts())["reply"] == dict(receipt.erased)["reply"] == 3
    assert replied(profile, first, second, third, other) == ["", "", "", "Paris."]


def test_a_chain_of_a_thousand_replies_is_followed_to_its_end(profile: Profile) -> None:
    with profile.transaction():
        chain = [reply(profile, "one", noted(profile, "the first"))]
        for _ in range(999):
            chain.append(reply(profile, "next", turn(chain[-1])))

    plan = profile.plan(Selection(topic="the first"))

    assert len(plan.replies) == 1000


def test_a_reply_after_a_forgotten_turn_is_emptied_and_names_it_no_more(profile: Profile) -> None:
    first = reply(profile, "In Bergen.")
    second = reply(profile, "Yes, Bergen.", turn(first))

    profile.forget(Selection(turns=(first.id,)))

    left = profile.turns.get(second.id)
    assert left is not None
    assert (left.replied, left.used) == ("", ())


def test_a_reply_that_was_shown_a_choice_goes_with_it(profile: Profile) -> None:
    choice = profile.choices.add("How was it?", "Walnuts!", "Nuts!")
    shown = reply(profile, "Walnuts, too.", Used(SourceKind.CHOICE, choice.id))

    receipt = profile.forget(Selection(choices=(choice.id,)))

    assert replied(profile, shown) == [""]
    assert dict(receipt.erased) == {"choice": 1, "reply": 1}


def test_a_reply_after_one_that_was_built_on_an_attribute_goes_with_it(profile: Profile) -> None:
    attribute = profile.attributes.set("home", "Bergen")
    told = reply(profile, "It rains in Bergen.", Used(SourceKind.ATTRIBUTE, attribute.id))
    after_told, beside = reply(profile, "Often.", turn(told)), reply(profile, "No.")

    profile.forget(Selection(attributes=(attribute.id,)))

    assert replied(profile, told, after_told, beside) == ["", "", "No."]


def test_a_turn_says_which_learned_state_made_its_reply(profile: Profile) -> None:
    taste = LearnedUse(
        LearnedKind.TASTE, "b" * 64, ((SourceKind.CHOICE, 1),), "books, version 3", Pick(1, 0.8, 3)
    )
    asked = profile.turns.begin("c", "?", model="m")

    made = profile.turns.finish(asked.id, "!", complete=True, learned={STYLE: [], taste: []})

    assert made.learned == (STYLE, taste)
    assert profile.turns.get(asked.id) == made


def test_replies_of_a_state_that_lost_a_source_stay_and_say_that_it_is_gone(
    profile: Profile,
) -> None:
    writings = [profile.writings.add(f"Text {number}.") for number in range(3)]
    sources = [(SourceKind.WRITING, int(writing.id)) for writing in writings]
    asked = [profile.turns.begin("c", "?", model="m") for _ in range(2)]
    for one in asked:
        profile.turns.finish(one.id, "!", complete=True, learned={STYLE: sources})
    other = LearnedUse(LearnedKind.TASTE, "b" * 64, ())
    untouched = profile.turns.begin("c", "?", model="m")
    profile.turns.finish(untouched.id, "!", complete=True, learned={other: sources[:1]})

    profile.forget(Selection(writings=(writings[1].id,)))

    for one in asked:
        left = profile.turns.get(one.id)
        assert left is not None
        [learned] = left.learned
        assert left.replied == "!"
        assert (learned.sha256, learned.counts) == (None, STYLE.counts)
    left = profile.turns.get(untouched.id)
    assert left is not None
    assert left.learned == (other,)


def test_a_redacted_writing_takes_the_state_that_was_learned_from_it(profile: Profile) -> None:
    writing = profile.writings.add("before walnuts after")
    span = Span(SourceKind.WRITING, writing.id, 7, 14)
    [memory] = profile.memories.add([MemoryDraft("walnuts", span, writing.added_at)])
    asked = profile.turns.begin("c", "?", model="m")
    sources = [(SourceKind.WRITING, int(writing.id))]
    profile.turns.finish(asked.id, "!", complete=True, learned={STYLE: sources})

    profile.forget(Selection(memories=(memory.id,)))

    [learned] = profile.turns.latest(1)[0].learned
    assert learned.sha256 is None


def test_a_second_reply_takes_the_place_of_what_the_first_was_made_with(profile: Profile) -> None:
    asked = profile.turns.begin("c", "?", model="m")
    profile.turns.finish(asked.id, "!", complete=True, learned={STYLE: []})

    made = profile.turns.finish(asked.id, "!!", complete=True)

    assert made.learned == ()


def test_what_the_person_put_in_a_replys_place_is_built_on_the_same(profile: Profile) -> None:
    used = noted(profile, "walnuts")
    asked = profile.turns.begin("c", "?", model="m")
    made = profile.turns.finish(
        asked.id, "!", complete=False, used=[used], learned={STYLE: [(SourceKind.NOTE, 1)]}
    )

    settled = profile.turns.settle(asked.id, "My own words.")

    assert (settled.replied, settled.complete) == ("My own words.", True)
    assert (settled.used, settled.learned) == (made.used, made.learned)
    with pytest.raises(NotFound):
        profile.turns.settle(TurnId(99), "x")


def test_an_export_keeps_what_replies_were_built_on(
    profile: Profile, passphrase: Passphrase, tmp_path: Path
) -> None:
    choice = profile.choices.add("?", "a", "b")
    first = reply(profile, "one", Used(SourceKind.CHOICE, choice.id))
    reply(profile, "two", turn(first))
    profile.export(tmp_path / "x", seal=passphrase, cost=FASTEST)

    profile.import_records(tmp_path / "x", seal=passphrase)

    newest, before = profile.turns.latest(2)
    assert newest.used == (Used(SourceKind.TURN, before.id),)
    assert before.used[0].kind is SourceKind.CHOICE
    assert before.used[0].id > choice.id
