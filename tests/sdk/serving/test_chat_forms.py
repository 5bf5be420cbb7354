"""What a chat's reply can be held to, told with, and shown: JSON, probabilities, images."""

import base64
import json
import math
from pathlib import Path
from typing import Any

import openai
import pytest
from tests.conftest import OpenAssistant
from tests.images import solid
from tests.sdk.serving.conftest import ClientOf, Serve, Served
from tests.sdk.serving.test_chat import ASKED

from homeward.testing import ScriptedModel


def test_a_reply_is_a_json_object_where_the_client_wants_one(
    serve: Serve, open_assistant: OpenAssistant, client_of: ClientOf
) -> None:
    served = serve(open_assistant(ScriptedModel(['{"nuts": true}'])))
    create = client_of(served).chat.completions.create

    reply = create(model="", messages=[ASKED], response_format={"type": "json_object"})

    assert json.loads(reply.choices[0].message.content or "") == {"nuts": True}


def test_an_image_that_the_request_holds_is_seen_and_no_address_is_called(
    serve: Serve, open_assistant: OpenAssistant, client_of: ClientOf, tmp_path: Path
) -> None:
    model = ScriptedModel(["A red square."])
    served = serve(open_assistant(model, projector=tmp_path / "mmproj.gguf"))
    create = client_of(served).chat.completions.create
    held = f"data:image/png;base64,{base64.b64encode(solid((255, 0, 0))).decode()}"

    def beside(*addresses: str) -> list[Any]:
        images = [{"type": "image_url", "image_url": {"url": one}} for one in addresses]
        return [{"role": "user", "content": [*images, {"type": "text", "text": "What is it?"}]}]

    reply = create(model="", messages=beside(held, held))
    assert reply.choices[0].message.content == "A red square."
    assert model.prompts[-1].count("\ufffc") == 2
    [turn] = served.me.profile.turns.latest(9)
    assert turn.attached == ("image 1", "image 2")
    for address, says in (
        ("http://127.0.0.1:1/cat.png", "fetches nothing"),
        ("file:///etc/passwd", "fetches nothing"),
        ("data:image/png;base64,=", "not valid base64"),
    ):
        with pytest.raises(openai.UnprocessableEntityError, match=says):
            create(model="", messages=beside(address))
    with pytest.raises(openai.UnprocessableEntityError, match="at most 8 images"):
        create(model="", messages=beside(*[held] * 9))


def test_a_model_that_sees_nothing_says_so(client: openai.OpenAI, served: Served) -> None:
    held = f"data:image/png;base64,{base64.b64encode(solid((255, 0, 0))).decode()}"
    image = {"type": "image_url", "image_url": {"url": held}}
    question = {"type": "text", "text": "What is this?"}
    asked: Any = [{"role": "user", "content": [image, question]}]
    with pytest.raises(openai.APIStatusError) as refused:
        client.chat.completions.create(model="", messages=asked)

    assert refused.value.status_code < 500
    assert "image 1" in str(refused.value)
    assert served.me.profile.turns.count() == 0


def test_how_probable_each_token_was_is_told_whole_and_streamed(client: openai.OpenAI) -> None:
    asked = {"model": "", "messages": [ASKED], "logprobs": True, "top_logprobs": 2}

    whole = client.chat.completions.create(**asked)  # type: ignore[call-overload]
    chunks = list(client.chat.completions.create(**asked, stream=True))  # type: ignore[call-overload]

    told = whole.choices[0].logprobs.content
    assert "".join(one.token for one in told) == "Hello, Ada."
    for one in told:
        assert math.exp(one.logprob) == pytest.approx(0.9)  # what the scripted model is sure of
        assert [len(one.top_logprobs), one.top_logprobs[0].token] == [2, one.token]
    streamed = [chunk.choices[0].logprobs for chunk in chunks if chunk.choices]
    pieces = [one.token for logprobs in filter(None, streamed) for one in logprobs.content]
    assert "".join(pieces) == "Hello, Ada."
