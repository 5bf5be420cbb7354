"""Anthropic's interface: by HTTP as its clients write it, and by its own client where that is."""

import base64
import json
from typing import Any

import pytest
from tests.conftest import OpenAssistant
from tests.images import solid
from tests.sdk.prompting.templates import HYBRID
from tests.sdk.serving.conftest import TOKEN, Serve, Served
from tests.sdk.serving.test_tools import ARGUMENTS, PRINTED, SCHEMA, says

from homeward.testing import ScriptedModel

TOOL = {"name": "get_weather", "description": "Tell the weather.", "input_schema": SCHEMA}
ASKED = {"role": "user", "content": "Will it rain in Leeds?"}


def body(*messages: Any, **more: Any) -> dict[str, Any]:
    return {"model": "homeward", "max_tokens": 300, "messages": messages or [ASKED], **more}


def sent(text: str) -> list[tuple[str, dict[str, Any]]]:
    """Return the events of a stream."""
    found = []
    for block in text.strip().split("\n\n"):
        kind, data = block.split("\n")
        found.append((kind.removeprefix("event: "), json.loads(data.removeprefix("data: "))))
    return found


def test_a_message_is_answered_by_the_key_that_its_clients_send(served: Served) -> None:
    headers = {"Authorization": "", "x-api-key": TOKEN}
    del served.client.headers["Authorization"]

    reply = served.client.post("/v1/messages", json=body(), headers={"x-api-key": TOKEN}).json()
    wrong = served.client.post("/v1/messages", json=body(), headers={"x-api-key": "no"})
    both = served.client.post("/v1/messages", json=body(), headers=headers)

    assert reply["content"] == [{"type": "text", "text": "Hello, Ada."}]
    assert (reply["role"], reply["stop_reason"]) == ("assistant", "end_turn")
    assert reply["usage"]["output_tokens"] == len("Hello, Ada.")
    assert reply["homeward"]["turn"] is not None
    assert wrong.status_code == both.status_code == 401
    assert wrong.json()["type"] == "error"


def test_a_tool_is_used_and_its_result_answered_in_one_turn(
    serve: Serve, open_assistant: OpenAssistant
) -> None:
    served = serve(open_assistant(ScriptedModel(says)))

    def ask(*messages: Any) -> Any:
        asked = body(*messages, tools=[TOOL])
        return served.client.post("/v1/messages", json=asked).json()

    wanted = ask(ASKED)
    [text, use] = wanted["content"]
    assert text == {"type": "text", "text": "Let me see. "}
    assert (use["type"], use["name"], use["input"]) == (
        "tool_use",
        "get_weather",
        json.loads(ARGUMENTS),
    )
    assert wanted["stop_reason"] == "tool_use"
    result = {"type": "tool_result", "tool_use_id": use["id"], "content": PRINTED}
    reply = ask(
        ASKED,
        {"role": "assistant", "content": wanted["content"]},
        {"role": "user", "content": [result]},
    )

    assert reply["content"][0]["text"] == "Yes, until the evening."
    [turn] = served.me.profile.turns.latest(9)
    assert turn.replied == "Yes, until the evening."


def test_thoughts_text_and_calls_are_streamed_as_blocks(
    serve: Serve, open_assistant: OpenAssistant
) -> None:
    def thinks(prompt: str) -> str:
        if prompt.endswith("<think>\n"):
            return "Rain?\n</think>"
        return says(prompt)

    served = serve(open_assistant(ScriptedModel(thinks, template=HYBRID)))
    asked = body(tools=[TOOL], stream=True, thinking={"type": "enabled", "budget_tokens": 50})
    events = sent(served.client.post("/v1/messages", json=asked).text)

    begun = [one["content_block"]["type"] for kind, one in events if kind == "content_block_start"]
    assert begun == ["thinking", "text", "tool_use"]
    deltas = [one["delta"] for kind, one in events if kind == "content_block_delta"]
    assert "".join(one.get("partial_json", "") for one in deltas) == ARGUMENTS
    assert "".join(one.get("text", "") for one in deltas) == "Let me see. "
    assert [kind for kind, _ in events][-2:] == ["message_delta", "message_stop"]
    assert events[-2][1]["delta"]["stop_reason"] == "tool_use"


def test_a_stop_sequence_is_named(served: Served) -> None:
    reply = served.client.post("/v1/messages", json=body(stop_sequences=["x", ", "])).json()

    assert reply["content"][0]["text"] == "Hello"
    assert (reply["stop_reason"], reply["stop_sequence"]) == ("stop_sequence", ", ")


def test_an_image_is_seen_where_the_model_can_and_never_fetched(
    serve: Serve, open_assistant: OpenAssistant, tmp_path: Any
) -> None:
    model = ScriptedModel(["A cat."])
    seeing = serve(open_assistant(model, projector=tmp_path / "mmproj.gguf"))
    data = base64.b64encode(solid((9, 9, 9))).decode()
    source = {"type": "base64", "media_type": "image/png", "data": data}
    asked = [{"type": "image", "source": source}, {"type": "text", "text": "What is this?"}]
    elsewhere = {"type": "image", "source": {"type": "url", "url": "http://127.0.0.1:1/cat.png"}}

    reply = seeing.client.post("/v1/messages", json=body({"role": "user", "content": asked}))
    refused = seeing.client.post(
        "/v1/messages", json=body({"role": "user", "content": [elsewhere, asked[1]]})
    )

    assert reply.json()["homeward"]["images"] == ["image 1"]
    assert "\ufffc" in model.prompts[-1]
    assert refused.status_code == 422
    assert "fetches nothing" in refused.json()["error"]["message"]


@pytest.mark.parametrize(
    ("asked", "param"),
    [
        ({"max_tokens": 0}, "max_tokens"),
        ({"tools": [{"name": "a b", "input_schema": {"type": "object"}}]}, "tools"),
        ({"messages": [{"role": "assistant", "content": "I"}]}, "messages"),
    ],
)
def test_what_cannot_be_asked_is_named(served: Served, asked: Any, param: str) -> None:
    refused = served.client.post("/v1/messages", json=body() | asked)

    assert refused.status_code == 422
    assert refused.json()["error"]["param"] == param


def test_anthropics_own_client_asks_streams_and_calls(
    serve: Serve, open_assistant: OpenAssistant
) -> None:
    anthropic = pytest.importorskip("anthropic")
    served = serve(open_assistant(ScriptedModel(says)))
    with anthropic.Anthropic(base_url=served.url, api_key=TOKEN, max_retries=0) as client:
        with client.messages.stream(**body(tools=[TOOL])) as stream:
            wanted = stream.get_final_message()
        [text, use] = wanted.content
        assert text.text == "Let me see. "
        assert (use.name, use.input) == ("get_weather", json.loads(ARGUMENTS))
        result = {"type": "tool_result", "tool_use_id": use.id, "content": PRINTED}
        said = {"role": "assistant", "content": [one.model_dump() for one in wanted.content]}
        reply = client.messages.create(
            **body(ASKED, said, {"role": "user", "content": [result]}, tools=[TOOL])
        )
        assert reply.content[0].text == "Yes, until the evening."
        with pytest.raises(anthropic.UnprocessableEntityError, match="cannot be the name"):
            client.messages.create(
                **body(tools=[{"name": "a b", "input_schema": {"type": "object"}}])
            )
