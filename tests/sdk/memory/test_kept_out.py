"""What is kept out of memory, and whose words a memory is said to be."""

import pytest
from tests.conftest import OpenAssistant

from homeward.assistant import Assistant
from homeward.conversation.context import quote
from homeward.ports import Embedder
from homeward.settings import Settings
from homeward_store import Origin


def texts(assistant: Assistant) -> list[str]:
    return [memory.text for memory in assistant.profile.memories.all()]


def test_a_secret_in_a_note_is_not_remembered(open_assistant: OpenAssistant) -> None:
    assistant = open_assistant()

    assistant.remember("I collect stamps from Peru.\n\nMy password is hunter22.")

    assert texts(assistant) == ["I collect stamps from Peru."]


def test_a_turn_that_is_not_to_be_kept_leaves_no_memory(open_assistant: OpenAssistant) -> None:
    assistant = open_assistant()

    assistant.ask("I am leaving my job in May. Don't remember this.").text  # noqa: B018
    assistant.ask("I am learning the cello at the moment.").text  # noqa: B018

    assert texts(assistant) == ["I am learning the cello at the moment."]


def test_denied_topics_are_not_remembered(open_assistant: OpenAssistant) -> None:
    assistant = open_assistant(settings=Settings(denied_topics=("divorc",)))

    assistant.remember("Our divorce is in May.\n\nOur garden has roses.")

    assert texts(assistant) == ["Our garden has roses."]


def test_what_is_known_word_for_word_is_not_remembered_again(open_assistant: OpenAssistant) -> None:
    assistant = open_assistant()

    assistant.remember("I drink green tea.")
    assistant.remember("i drink  green tea")
    assistant.remember("I drink black tea.")

    assert texts(assistant) == ["I drink green tea.", "I drink black tea."]


def test_memories_carry_the_tags_that_rules_speak_of(open_assistant: OpenAssistant) -> None:
    [memory] = open_assistant().remember("My doctor moved to Elm Street.")

    assert memory.tags == ("health", "location")


@pytest.mark.parametrize("origin", [one for one in Origin if one is not Origin.PERSON])
def test_only_the_persons_own_words_are_put_as_said_by_them(
    open_assistant: OpenAssistant, origin: Origin
) -> None:
    [memory] = open_assistant().write("The rent is due on Friday.", origin=origin)

    assert quote(memory).lead not in {"I said", "I wrote"}


def test_what_is_not_kept_is_no_context_either(open_assistant: OpenAssistant) -> None:
    assistant = open_assistant()

    for said in ("My password is hunter22.", "I feel low. Don't remember this."):
        assistant.ask(said).text  # noqa: B018
        assistant.ask(f"I am learning instrument {len(said)} at the moment.").text  # noqa: B018

    assert [memory.context for memory in assistant.profile.memories.all()] == ["", ""]


def test_topics_that_the_person_denies_are_kept_out_from_then_on(
    open_assistant: OpenAssistant,
) -> None:
    assistant = open_assistant(settings=Settings(denied_topics=("divorc",)))
    assistant.wishes.deny("golf", " ")
    assistant.close()

    assistant = open_assistant(settings=Settings(denied_topics=("divorc",)))
    assistant.remember("Our divorce is in May.\n\nI play golf.\n\nOur garden has roses.")

    assert assistant.wishes.denied_topics() == ("divorc", "golf")
    assert texts(assistant) == ["Our garden has roses."]


@pytest.mark.model
def test_what_is_known_in_other_words_is_remembered_too(
    open_assistant: OpenAssistant, minilm: Embedder
) -> None:
    assistant = open_assistant(embedder=minilm)

    for said in (
        "I like green tea with honey.",
        "Green tea with honey is what I like.",  # other words may say another thing
        "I like green tea with honey!",
        "I do not like green tea with honey.",
        "My number is 555 1234.",
        "My number is 555 1235.",
        "Ich mag grünen Tee mit Honig.",  # another language stays as it was said
    ):
        assistant.remember(said)

    assert texts(assistant) == [
        "I like green tea with honey.",
        "Green tea with honey is what I like.",
        "I do not like green tea with honey.",
        "My number is 555 1234.",
        "My number is 555 1235.",
        "Ich mag grünen Tee mit Honig.",
    ]


def test_what_became_untrue_is_remembered_again_when_it_is_true_again(
    open_assistant: OpenAssistant,
) -> None:
    assistant = open_assistant()

    for said in ("I live in Leeds.", "I live in York now.", "I live in Leeds."):
        assistant.remember(said)

    untrue = [one.superseded_by for one in assistant.profile.memories.all()]
    assert untrue == [2, 3, None]


def test_a_text_that_repeats_itself_is_remembered_once(open_assistant: OpenAssistant) -> None:
    assistant = open_assistant()

    assistant.remember("Buy milk for me.\n\nbuy milk for me\n\nBuy milk for me.")

    assert texts(assistant) == ["Buy milk for me."]


def test_what_a_document_said_first_is_still_remembered_from_the_person(
    open_assistant: OpenAssistant,
) -> None:
    assistant = open_assistant()

    assistant.write("I drink green tea.", origin=Origin.DOCUMENT)
    assistant.remember("I drink green tea.")
    assistant.write("I drink green tea.", origin=Origin.DOCUMENT)

    origins = [one.origin for one in assistant.profile.memories.all()]
    assert origins == [Origin.DOCUMENT, Origin.PERSON]
