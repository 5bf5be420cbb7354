"""Who reads a reply: what is kept out before an audience, and which conversation is theirs."""

from typing import Any

from tests.conftest import OpenAssistant

from homeward.assistant import Assistant
from homeward.policy.gate import UseContext
from homeward.testing import ScriptedModel
from homeward_store import Category, Purpose


def test_sensitive_things_stay_out_of_a_work_mail(open_assistant: OpenAssistant) -> None:
    model = ScriptedModel()
    me = open_assistant(model)
    me.attributes.set("diagnosis", "asthma", tags=("health",))
    me.attributes["name"] = "Ada"

    reply = me.conversation(use_context=UseContext(audience="work", purpose="mail")).ask(
        "Introduce me."
    )
    assert reply.text

    assert "asthma" not in model.prompts[-1]
    assert "Ada" in model.prompts[-1]
    [withheld] = reply.sources.withheld
    assert withheld.rule == "health stays private"


def test_what_consent_was_withdrawn_for_is_not_used(open_assistant: OpenAssistant) -> None:
    model = ScriptedModel()
    me = open_assistant(model)
    me.attributes["name"] = "Ada"
    me.remember("The rent is due on the fifth.")
    me.profile.consent.withdraw(Purpose.ANSWER, Category.ATTRIBUTES, Category.MEMORIES)

    reply = me.ask("When is the rent due?")

    assert reply.text
    assert "Ada" not in model.prompts[-1]
    assert "fifth" not in model.prompts[-1]
    assert [(one.kind, one.id) for one in reply.sources.withheld] == [
        ("attribute", None),
        ("memory", None),
    ]


DIAGNOSIS = "I was diagnosed with diabetes last year."


def colleagues_ask(me: Assistant, **how: Any) -> str:
    with me.conversation(use_context=UseContext("colleagues"), **how) as conversation:
        return conversation.ask("And what illness was I diagnosed with?").text


def test_a_conversation_of_one_name_is_another_one_before_another_audience(
    open_assistant: OpenAssistant,
) -> None:
    model = ScriptedModel(lambda prompt: "Diabetes." if "diabetes" in prompt.lower() else "?")
    me = open_assistant(model)
    me.remember(DIAGNOSIS)
    with me.conversation("work") as alone:
        assert alone.ask("What illness was I diagnosed with?").text == "Diabetes."

    assert colleagues_ask(me, name="work") == "?"

    with me.conversation("work", use_context=UseContext(purpose="mail")) as mail:
        assert mail.turn is None
    with me.conversation("work") as again:
        assert again.turn is not None


def test_what_was_said_before_one_audience_is_not_brought_before_another_as_its_past(
    open_assistant: OpenAssistant,
) -> None:
    model = ScriptedModel(lambda prompt: "It is Zorblax." if "Zorblax" in prompt else "?")
    me = open_assistant(model)
    [secret] = me.remember("My project has the name Zorblax.")
    me.tag(secret.id, "health")
    asked = "Which name has my project?"
    with me.conversation() as alone:
        assert alone.ask(asked).text == "It is Zorblax."
    past = [(asked, " It is Zorblax.\n")]

    assert colleagues_ask(me, past=past) == "?"
    assert "Zorblax" not in model.prompts[-1]
    with me.conversation(past=past) as alone:
        assert alone.ask("And again?").text == "It is Zorblax."
    for edited in ("It is Zorblax!", "Its name is Zorblax.", "Zorblax is the talk of the town."):
        assert colleagues_ask(me, past=[(asked, edited)]) == "?"
        assert "Zorblax" not in model.prompts[-1]


def test_what_was_said_before_an_audience_is_shown_to_it_again(
    open_assistant: OpenAssistant,
) -> None:
    model = ScriptedModel(["It is in June."])
    me = open_assistant(model)
    colleagues = UseContext("colleagues")
    with me.conversation(use_context=colleagues) as first:
        assert first.ask("When is the fair?").text == "It is in June."

    with me.conversation(
        use_context=colleagues, past=[("When is the fair?", "It is in June.")]
    ) as c:
        assert c.ask("And again?").text

    assert "It is in June." in model.prompts[-1]
