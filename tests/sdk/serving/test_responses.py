"""OpenAI's Responses interface and its oldest one, by OpenAI's own client."""

from typing import Any

import openai
import pytest
from tests.conftest import OpenAssistant
from tests.sdk.prompting.templates import HYBRID
from tests.sdk.serving.conftest import ClientOf, Serve, Served
from tests.sdk.serving.test_tools import ARGUMENTS, PRINTED, SCHEMA, says

from homeward.testing import ScriptedModel

TOOL: Any = {"type": "function", "name": "get_weather", "parameters": SCHEMA, "strict": True}


def test_a_response_is_continued_by_its_id_as_a_conversation(
    serve: Serve, open_assistant: OpenAssistant, client_of: ClientOf
) -> None:
    model = ScriptedModel(["One.", "Two.", "Three."])
    served = serve(open_assistant(model))
    create = client_of(served).responses.create

    first = create(model="homeward", input="First?")
    second = create(model="homeward", input="And then?", previous_response_id=first.id)

    assert (first.output_text, second.output_text) == ("One.", "Two.")
    assert first.status == "completed"
    assert first.usage is not None
    assert first.usage.output_tokens == len("One.")
    [name] = served.me.profile.turns.conversations()
    asked = [one.asked for one in served.me.profile.turns.conversation(name)]
    assert asked == ["First?", "And then?"]
    with pytest.raises(openai.NotFoundError, match="newest"):
        create(model="homeward", input="And?", previous_response_id=first.id)
    with pytest.raises(openai.NotFoundError, match="this audience"):
        own = {"homeward": {"audience": "work"}}
        create(model="", input="And?", previous_response_id=second.id, extra_body=own)
    with pytest.raises(openai.NotFoundError) as refused:
        create(model="homeward", input="And?", previous_response_id="resp_none")
    assert refused.value.param == "previous_response_id"


def test_without_store_a_response_leaves_nothing(client_of: ClientOf, served: Served) -> None:
    create = client_of(served).responses.create

    response = create(model="homeward", input="Who am I?", store=False)

    assert response.output_text == "Hello, Ada."
    assert served.me.profile.turns.count() == served.me.profile.memories.count() == 0
    with pytest.raises(openai.NotFoundError, match="`store`: false"):
        create(model="homeward", input="And?", previous_response_id=response.id)


def test_a_response_is_streamed_as_events_that_add_up_to_it(
    serve: Serve, open_assistant: OpenAssistant, client_of: ClientOf
) -> None:
    def thinks(prompt: str) -> str:
        return "Nuts.\n</think>" if prompt.endswith("<think>\n") else "To peanuts."

    served = serve(open_assistant(ScriptedModel(thinks, template=HYBRID)))
    with client_of(served).responses.stream(
        model="homeward", input="What am I allergic to?", reasoning={"effort": "low"}
    ) as stream:
        kinds = [event.type for event in stream]
        final = stream.get_final_response()

    assert kinds[:3] == ["response.created", "response.in_progress", "response.output_item.added"]
    assert "response.reasoning_text.delta" in kinds
    assert kinds.count("response.output_item.done") == 2
    assert kinds[-1] == "response.completed"
    assert final.output_text == "To peanuts."
    assert [one.type for one in final.output] == ["reasoning", "message"]


@pytest.mark.parametrize("by", ["id", "input"])
def test_a_function_is_called_and_its_output_answered(
    serve: Serve, open_assistant: OpenAssistant, client_of: ClientOf, by: str
) -> None:
    served = serve(open_assistant(ScriptedModel(says)))
    create = client_of(served).responses.create
    asked: Any = {"role": "user", "content": "Will it rain in Leeds?"}

    wanted = create(model="", input=[asked], tools=[TOOL], tool_choice="required")
    [call] = wanted.output
    assert call.type == "function_call"
    assert (call.name, call.arguments) == ("get_weather", ARGUMENTS)
    printed: Any = {"type": "function_call_output", "call_id": call.call_id, "output": PRINTED}
    if by == "id":
        reply = create(model="", input=[printed], previous_response_id=wanted.id, tools=[TOOL])
    else:
        items: Any = [asked, *(one.model_dump() for one in wanted.output), printed]
        reply = create(model="", input=items, tools=[TOOL])

    assert reply.output_text == "Yes, until the evening."
    [turn] = served.me.profile.turns.latest(9)
    assert turn.replied == "Yes, until the evening."


def test_a_streamed_call_adds_up_to_its_arguments(
    serve: Serve, open_assistant: OpenAssistant, client_of: ClientOf
) -> None:
    served = serve(open_assistant(ScriptedModel(says)))
    with client_of(served).responses.stream(
        model="", input="Will it rain?", tools=[TOOL], tool_choice="required"
    ) as stream:
        deltas = [
            one.delta for one in stream if one.type == "response.function_call_arguments.delta"
        ]
        [call] = stream.get_final_response().output

    assert "".join(deltas) == ARGUMENTS
    assert call.type == "function_call"
    assert call.arguments == ARGUMENTS


@pytest.mark.parametrize(
    ("asked", "param", "what"),
    [
        ({"background": True}, "background", "waits"),
        ({"top_logprobs": 3}, "top_logprobs", "chat/completions"),
        ({"conversation": "conv_1"}, "conversation", "previous_response_id"),
        ({"tools": [{"type": "web_search"}]}, "tools.0.type", "'function'"),
        ({"input": []}, "input", "fewer than 1"),
        ({"text": {"format": {"type": "json_schema", "name": "x"}}}, "text.format", "missing"),
    ],
)
def test_what_responses_cannot_be_asked_is_named(
    client_of: ClientOf, served: Served, asked: dict[str, object], param: str, what: str
) -> None:
    with pytest.raises(openai.UnprocessableEntityError) as refused:
        client_of(served).responses.create(model="", input="Hello?", extra_body=asked)

    assert refused.value.param == param
    assert what in refused.value.body["message"]  # type: ignore[index]
    assert served.me.profile.turns.count() == 0


def test_a_prompt_by_itself_is_answered_whole_and_streamed(
    client_of: ClientOf, served: Served
) -> None:
    create = client_of(served).completions.create

    whole = create(model="homeward", prompt="What am I?", max_tokens=5)
    chunks = list(create(model="homeward", prompt="What am I?", stream=True))

    assert (whole.choices[0].text, whole.choices[0].finish_reason) == ("Hello", "length")
    assert "".join(chunk.choices[0].text for chunk in chunks) == "Hello, Ada."
    for asked in ({"suffix": "x"}, {"echo": True}, {"best_of": 3}, {"prompt": [1, 2]}):
        with pytest.raises(openai.UnprocessableEntityError) as refused:
            create(model="homeward", prompt="What?", extra_body=asked)
        assert refused.value.param == next(iter(asked))
