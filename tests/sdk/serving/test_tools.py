"""A client's tools: the model wants a call, the client makes it, and the reply is built on it."""

import json
from typing import Any

import jsonschema
import openai
import pytest
from tests.conftest import OpenAssistant
from tests.sdk.prompting.templates import HERMES
from tests.sdk.serving.conftest import ClientOf, Serve

from homeward.ports import LanguageModel
from homeward.testing import ScriptedModel
from homeward_store import ChoiceSource, Origin

SCHEMA = {
    "type": "object",
    "properties": {"city": {"type": "string", "maxLength": 20}, "days": {"type": "integer"}},
    "required": ["city", "days"],
}
WEATHER: Any = {
    "type": "function",
    "function": {"name": "get_weather", "description": "Tell the weather.", "parameters": SCHEMA},
}
CLOCK: Any = {"type": "function", "function": {"name": "clock", "description": "Tell the time."}}
ASKED: Any = {"role": "user", "content": "Will it rain in Leeds?"}
ARGUMENTS = '{"city": "Leeds", "days": 1}'
PRINTED = "Heavy rain over Leeds until the evening."


def says(prompt: str) -> str:
    """Call the weather tool, unless a tool has printed something."""
    if prompt.endswith('"name": "'):
        return "get_weather"
    if prompt.endswith('"arguments": '):
        return ARGUMENTS
    if prompt.endswith(("}\n", "</tool_call>\n")):
        return ""  # no other call
    if PRINTED in prompt:
        return "Yes, until the evening."
    if "Tools:" in prompt or "<tools>" in prompt:
        sign = '<tool_call>\n{"name": "' if "<tools>" in prompt else '{"name": "'
        return f"Let me see. {sign}get_weather"
    return "I cannot know."


@pytest.fixture(params=["own words", "template"])
def scripted(request: pytest.FixtureRequest) -> ScriptedModel:
    return (
        ScriptedModel(says)
        if request.param == "own words"
        else ScriptedModel(says, template=HERMES)
    )


def made(call: Any, printed: str = PRINTED) -> list[Any]:
    return [ASKED, {"role": "assistant", "tool_calls": [call]}, result(call, printed)]


def result(call: Any, printed: str = PRINTED) -> Any:
    return {"role": "tool", "tool_call_id": call["id"], "content": printed}


def test_a_call_is_wanted_made_and_answered_in_one_turn(
    serve: Serve,
    open_assistant: OpenAssistant,
    client_of: ClientOf,
    scripted: ScriptedModel,
) -> None:
    served = serve(open_assistant(scripted))
    create = client_of(served).chat.completions.create

    wanted = create(model="", messages=[ASKED], tools=[WEATHER, CLOCK])
    [call] = wanted.choices[0].message.tool_calls or []
    assert wanted.choices[0].finish_reason == "tool_calls"
    assert wanted.choices[0].message.content == "Let me see. "
    assert call.type == "function"
    assert (call.function.name, call.function.arguments) == ("get_weather", ARGUMENTS)
    [turn] = served.me.profile.turns.latest(9)
    assert turn.asked == ASKED["content"]

    reply = create(model="", messages=made(call.model_dump()), tools=[WEATHER, CLOCK])
    assert reply.choices[0].message.content == "Yes, until the evening."
    assert reply.choices[0].finish_reason == "stop"
    [turn] = served.me.profile.turns.latest(9)
    assert (turn.asked, turn.replied) == (ASKED["content"], "Yes, until the evening.")
    [memory] = [one for one in served.me.profile.memories.all() if one.text == PRINTED]
    assert memory.origin is Origin.TOOL
    used = reply.homeward["used"]  # type: ignore[attr-defined]
    assert {"kind": "memory", "id": memory.id} in used


def test_a_call_is_streamed_as_it_is_drawn(
    serve: Serve, open_assistant: OpenAssistant, client_of: ClientOf
) -> None:
    served = serve(open_assistant(ScriptedModel(says)))
    create = client_of(served).chat.completions.create

    chunks = list(create(model="", messages=[ASKED], tools=[WEATHER], stream=True))

    deltas = [one for chunk in chunks for one in chunk.choices[0].delta.tool_calls or []]
    assert deltas[0].function is not None
    assert (deltas[0].id or "").startswith("call_")
    assert deltas[0].function.name == "get_weather"
    pieces = [one.function.arguments or "" for one in deltas if one.function]
    assert "".join(pieces) == ARGUMENTS
    assert len(pieces) > 5
    assert chunks[-1].choices[0].finish_reason == "tool_calls"


def test_which_tool_is_called_can_be_chosen(
    serve: Serve, open_assistant: OpenAssistant, client_of: ClientOf
) -> None:
    def knows(prompt: str) -> str:
        if prompt.endswith('"arguments": '):
            return "{}" if '"clock", "arguments": ' in prompt else ARGUMENTS
        return says(prompt) if prompt.endswith(('"name": "', "}\n")) else "I will not."

    served = serve(open_assistant(ScriptedModel(knows)))
    create = client_of(served).chat.completions.create
    tools = [WEATHER, CLOCK]
    clock: Any = {"type": "function", "function": {"name": "clock"}}

    auto = create(model="", messages=[ASKED], tools=tools)
    none = create(model="", messages=[ASKED], tools=tools, tool_choice="none")
    required = create(model="", messages=[ASKED], tools=tools, tool_choice="required")
    named = create(model="", messages=[ASKED], tools=tools, tool_choice=clock)

    assert auto.choices[0].message.content == none.choices[0].message.content == "I will not."
    [call] = required.choices[0].message.tool_calls or []
    [other] = named.choices[0].message.tool_calls or []
    assert call.type == other.type == "function"
    assert call.function.name == "get_weather"
    assert (other.function.name, other.function.arguments) == ("clock", "{}")


def test_several_calls_come_at_once_unless_the_client_does_not_want_that(
    serve: Serve, open_assistant: OpenAssistant, client_of: ClientOf
) -> None:
    def twice(prompt: str) -> str:
        if prompt.endswith("}\n") and prompt.count(ARGUMENTS) < 2:
            return '{"name": "get_weather"'
        return says(prompt)

    served = serve(open_assistant(ScriptedModel(twice)))
    create = client_of(served).chat.completions.create

    both = create(model="", messages=[ASKED], tools=[WEATHER])
    one = create(model="", messages=[ASKED], tools=[WEATHER], parallel_tool_calls=False)

    calls = both.choices[0].message.tool_calls or []
    assert len({call.id for call in calls}) == 2
    assert len(one.choices[0].message.tool_calls or []) == 1
    messages = made(calls[0].model_dump())
    messages[1]["tool_calls"] = [call.model_dump() for call in calls]
    with pytest.raises(openai.UnprocessableEntityError, match="results of all tools"):
        create(model="", messages=messages, tools=[WEATHER])
    messages.append(result(calls[1].model_dump(), "York is dry."))
    reply = create(model="", messages=messages, tools=[WEATHER])
    assert reply.choices[0].message.content == "Yes, until the evening."


def test_a_tools_words_are_no_words_of_the_person(
    serve: Serve, open_assistant: OpenAssistant, client_of: ClientOf
) -> None:
    served = serve(open_assistant(ScriptedModel(says)))
    create = client_of(served).chat.completions.create
    call = {"id": "1", "type": "function", "function": {"name": "w", "arguments": "{}"}}

    reply = create(model="", messages=made(call), tools=[WEATHER])
    served.me.prefer(
        ASKED["content"],
        chosen="Yes, until the evening.",
        rejected="No.",
        source=ChoiceSource.EXPLICIT,
    )

    assert reply.choices[0].message.content == "Yes, until the evening."
    [choice] = served.me.profile.choices.all()
    assert choice.origin is Origin.TOOL


def test_incognito_keeps_nothing_of_a_tools_result(
    serve: Serve, open_assistant: OpenAssistant, client_of: ClientOf
) -> None:
    served = serve(open_assistant(ScriptedModel(says)))
    create = client_of(served).chat.completions.create
    call = {"id": "1", "type": "function", "function": {"name": "w", "arguments": "{}"}}

    reply = create(model="", messages=made(call), tools=[WEATHER], store=False)

    assert reply.choices[0].message.content == "Yes, until the evening."
    assert served.me.profile.turns.count() == served.me.profile.memories.count() == 0
    assert served.me.profile.writings.all() == []


@pytest.mark.parametrize("store", [True, False])
def test_a_secret_that_a_tool_prints_is_not_shown_to_the_model(
    serve: Serve,
    open_assistant: OpenAssistant,
    client_of: ClientOf,
    *,
    store: bool,
) -> None:
    model = ScriptedModel(says)
    served = serve(open_assistant(model))
    call = {"id": "1", "type": "function", "function": {"name": "w", "arguments": "{}"}}
    secret = "The card is 4111 1111 1111 1111."

    client_of(served).chat.completions.create(
        model="", messages=made(call, secret), tools=[WEATHER], store=store
    )

    assert all("4111" not in prompt for prompt in model.prompts)


@pytest.mark.parametrize(
    ("function", "says"),
    [
        ({"name": "f g"}, "'f g' cannot be the name of a tool"),
        (
            {"name": "f", "parameters": {"type": "object", "patternProperties": {}}},
            "the parameters of f: patternProperties cannot be held by a grammar",
        ),
    ],
)
def test_a_tool_that_cannot_be_called_is_named(
    serve: Serve,
    client_of: ClientOf,
    function: Any,
    says: str,
) -> None:
    served = serve()
    tools: Any = [{"type": "function", "function": function}]
    with pytest.raises(openai.UnprocessableEntityError) as refused:
        client_of(served).chat.completions.create(model="", messages=[ASKED], tools=tools)

    assert refused.value.param == "tools"
    assert says in refused.value.body["message"]  # type: ignore[index]
    assert served.me.profile.turns.count() == 0


@pytest.mark.model
def test_the_real_model_calls_with_arguments_that_fit_their_schema(
    serve: Serve,
    open_assistant: OpenAssistant,
    client_of: ClientOf,
    smollm2: LanguageModel,
) -> None:
    served = serve(open_assistant(smollm2))

    reply = client_of(served).chat.completions.create(
        model="", messages=[ASKED], tools=[WEATHER, CLOCK], tool_choice="required", max_tokens=120
    )

    [call, *_] = reply.choices[0].message.tool_calls or []
    assert call.type == "function"
    schema = SCHEMA if call.function.name == "get_weather" else {"type": "object"}
    jsonschema.validate(json.loads(call.function.arguments), schema)
