"""The person is told what of their words is not remembered, why, and where the words lie."""

from pathlib import Path

import pytest
from tests.conftest import OpenAssistant

from homeward.cli.commands.forgetting import selected
from homeward.memory.unremembered import Reason, told
from homeward_store import ChoiceId, NoteId, Origin, Selection, SourceKind, TurnId, WritingId

SECRET = "My wifi password is correct-horse-9."


@pytest.mark.parametrize(
    ("text", "reason"),
    [
        (SECRET, Reason.SECRET),
        ("I lost at golf again.", Reason.DENIED),
        ("I have a bike.", Reason.KNOWN),
        ("Don't save this: my sister is ill. She lives in Rome.", Reason.UNWANTED),
        ("I quit on Monday.\n\nThis is off the record.", Reason.UNWANTED),
    ],
)
def test_a_note_that_is_not_remembered_says_why_and_stays(
    open_assistant: OpenAssistant, text: str, reason: Reason
) -> None:
    me = open_assistant()
    me.wishes.deny("golf")
    me.remember("I have a bike.")

    made = me.remember(text)

    assert list(made) == []
    [left] = made.unremembered
    assert left.reason is reason
    assert made.source == (SourceKind.NOTE, left.span.id)
    kept = me.profile.notes.get(NoteId(left.span.id))
    assert kept is not None
    assert kept.text == text
    *_, where = told(made)
    assert f'homeward memories forget "note {left.span.id}"' in where


def test_of_a_note_that_is_remembered_in_part_the_rest_is_named(
    open_assistant: OpenAssistant,
) -> None:
    made = open_assistant().remember(f"I have a bike.\n\n{SECRET}\n\nI have a bike.")

    assert [memory.text for memory in made] == ["I have a bike."]
    assert [one.reason for one in made.unremembered] == [Reason.SECRET, Reason.KNOWN]
    assert [(one.span.start, one.span.end) for one in made.unremembered] == [(16, 52), (54, 68)]
    assert told(made)[0].startswith("Not all of it is remembered: it looks like a secret")


def test_a_persons_passage_that_is_not_to_be_kept_is_left_out_and_a_documents_order_is_not(
    open_assistant: OpenAssistant,
) -> None:
    me = open_assistant()
    text = "The boat is green.\n\nDo not store this: the boat leaks.\n\nIt sails in May."
    mine = me.write(text)
    assert [one.text for one in mine] == ["The boat is green.", "It sails in May."]
    assert [one.reason for one in mine.unremembered] == [Reason.UNWANTED]
    assert [one.reason for one in me.unremembered()[0].unremembered] == [Reason.UNWANTED]
    leaflet = me.write("Do not store this syrup above 25 degrees.", origin=Origin.DOCUMENT)
    assert len(leaflet) == 1


def test_of_what_is_remembered_whole_nothing_is_said(open_assistant: OpenAssistant) -> None:
    made = open_assistant().write("I have a bike.\n\nIt is green.")

    assert (len(made), made.unremembered, told(made)) == (2, (), [])


def test_all_that_was_given_and_not_remembered_is_listed_newest_first(
    open_assistant: OpenAssistant,
) -> None:
    me = open_assistant()
    me.remember("I have a bike.")
    me.remember(SECRET)
    me.write(f"Dear diary, today I cycled.\n\n{SECRET}")
    for question in ("What now?", "Don't remember this: I am sad.", "I own a boat. Is it red?"):
        assert me.ask(question).text is not None

    found = me.unremembered()

    assert [(one.source[0], [part.reason for part in one.unremembered]) for one in found] == [
        (SourceKind.TURN, [Reason.NO_STATEMENT]),
        (SourceKind.TURN, [Reason.UNWANTED]),
        (SourceKind.TURN, [Reason.NO_STATEMENT]),
        (SourceKind.WRITING, [Reason.SECRET]),
        (SourceKind.NOTE, [Reason.SECRET]),
    ]
    assert found[-1].text == SECRET
    assert me.unremembered(limit=2) == found[:2]


def test_what_was_unremembered_can_be_erased_by_its_name(open_assistant: OpenAssistant) -> None:
    me = open_assistant()
    kind, number = me.remember(SECRET).source

    me.forget(selected(f"{kind} {number}"))

    assert me.unremembered() == []
    assert me.profile.notes.all() == []


def test_every_original_has_a_name_to_forget_it_by() -> None:
    assert selected("note 3") == Selection(notes=(NoteId(3),))
    assert selected(" writing 4 ") == Selection(writings=(WritingId(4),))
    assert selected("turn 5") == Selection(turns=(TurnId(5),))
    assert selected("choice 6") == Selection(choices=(ChoiceId(6),))
    assert selected("note book 3") == Selection(topic="note book 3")


def test_a_blacked_out_stretch_of_a_writing_is_not_listed(open_assistant: OpenAssistant) -> None:
    me = open_assistant()
    [memory] = me.write("I have a bike.")

    me.forget(Selection(memories=(memory.id,)))

    assert me.unremembered() == []


def test_an_import_counts_what_it_did_not_make_memories_of(
    open_assistant: OpenAssistant, tmp_path: Path
) -> None:
    me = open_assistant()
    path = tmp_path / "diary.txt"
    path.write_text(f"I have a bike.\n\n{SECRET}\n\nI have a bike.")

    taken = me.imports.file(path, mine=True)

    assert taken.memories == 1
    assert taken.unremembered == ((Reason.KNOWN, 1), (Reason.SECRET, 1))
