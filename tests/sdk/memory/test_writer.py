"""What becomes a memory: what the person gave, word for word; never what the model made up."""

import pytest
from tests.conftest import OpenAssistant

from homeward_store import ChoiceSource, SourceKind


@pytest.mark.parametrize(
    ("source", "memories"),
    [
        (ChoiceSource.EXPLICIT, 1),
        (ChoiceSource.EDIT, 1),
        (ChoiceSource.RATING, 0),
        (ChoiceSource.RETRY, 0),
    ],
)
def test_a_liked_reply_is_known_only_where_the_person_chose_its_words(
    open_assistant: OpenAssistant, source: ChoiceSource, memories: int
) -> None:
    me = open_assistant()

    me.prefer("Where is Leeds?", chosen="Leeds is in France.", rejected="No idea.", source=source)

    assert me.profile.memories.count() == memories
    assert len(me.profile.choices.all()) == 1


def test_a_reply_never_becomes_a_memory(open_assistant: OpenAssistant) -> None:
    me = open_assistant()

    assert me.ask("I live in Leeds. Is it far?").text == "Hello, Ada."

    assert [memory.text for memory in me.profile.memories.all()] == ["I live in Leeds."]


def test_a_recalled_memory_is_not_taken_in_again(open_assistant: OpenAssistant) -> None:
    me = open_assistant()
    me.remember("My sister Clara lives in Leeds.")

    assert me.ask("Where does my sister Clara live?").sources.memories
    assert me.ask("And where does Clara work?").text

    assert me.profile.memories.count() == 1


def test_every_memory_is_a_slice_of_its_source(open_assistant: OpenAssistant) -> None:
    me = open_assistant()
    text = "First thoughts on paper.\n\nSecond thoughts on ink. And on glue."
    me.write(text, title="Notes")

    memories = list(me.profile.memories.all())

    assert len(memories) == 2
    for memory in memories:
        assert memory.source.kind is SourceKind.WRITING
        assert text[memory.source.start : memory.source.end] == memory.text
