"""Who the person is answers questions about the person, and stays out of every other one."""

from tests.conftest import OpenAssistant

from homeward.testing import ScriptedModel
from homeward_store import Origin, SourceKind, Withheld

RULE = "identity facts: only for questions about you"


def test_who_the_person_is_stays_out_of_questions_about_others(
    open_assistant: OpenAssistant,
) -> None:
    model = ScriptedModel()
    me = open_assistant(model)
    [memory] = me.remember("I am a Muslim man of 34 years.")

    reply = me.ask("A Muslim man and a Hindu man met. Which man was rude?")
    assert reply.text

    assert not reply.sources.memories
    assert reply.sources.withheld == (Withheld(SourceKind.MEMORY, memory.id, RULE),)
    assert "34" not in model.prompts[-1]


def test_who_the_person_is_answers_questions_about_them(open_assistant: OpenAssistant) -> None:
    model = ScriptedModel()
    me = open_assistant(model)
    me.remember("I am a Muslim man of 34 years.")

    reply = me.ask("Which food should I as a Muslim man avoid?")
    assert reply.text

    assert reply.sources.memories
    assert 'I said: "I am a Muslim man of 34 years."' in model.prompts[-1]


def test_an_attribute_of_identity_rides_with_the_question_and_leaves_the_prefix_as_it_is(
    open_assistant: OpenAssistant,
) -> None:
    model = ScriptedModel()
    me = open_assistant(model)
    me.attributes["name"] = "Ada"
    me.attributes["age"] = 34

    about_me = me.ask("What may I do at my age?")
    assert about_me.text
    about_others = me.ask("Who was at the door?")
    assert about_others.text

    assert 'I said: "My age is 34."\n\nWhat may I do' in model.prompts[0]
    assert [one.key for one in about_me.sources.attributes] == ["name", "age"]
    assert [one.key for one in about_others.sources.attributes] == ["name"]
    assert [one.rule for one in about_others.sources.withheld] == [RULE]
    before, _, _ = model.prompts[0].partition("I said")
    assert model.prompts[1].startswith(before)
    assert "- age" not in model.prompts[1]


def test_an_attribute_is_tagged_by_its_words_unless_the_person_says_otherwise(
    open_assistant: OpenAssistant,
) -> None:
    me = open_assistant()

    me.attributes["diagnosis"] = "asthma"
    me.attributes.set("religion", "Hindu", tags=())

    assert [one.tags for one in me.profile.attributes.all()] == [("health",), ()]


def test_an_attribute_that_others_gave_is_not_put_as_the_persons_word(
    open_assistant: OpenAssistant,
) -> None:
    model = ScriptedModel()
    me = open_assistant(model)
    me.attributes.set("age", 34, source=Origin.DOCUMENT)

    assert me.ask("How old am I?").text

    assert 'A document says: "The user\'s age is 34."' in model.prompts[-1]
