"""OpenAI's official Python client, unchanged, against the server."""

import json
import time
from http.client import HTTPConnection

import openai
import pytest
from openai.types.chat import ChatCompletionMessageParam
from tests.conftest import OpenAssistant
from tests.sdk.prompting.templates import HYBRID
from tests.sdk.serving.conftest import TOKEN, ClientOf, Serve, Served, SlowModel

from homeward.testing import ScriptedModel
from homeward_store import Turn

ASKED: ChatCompletionMessageParam = {"role": "user", "content": "What am I allergic to?"}


def test_a_whole_reply(client: openai.OpenAI, served: Served) -> None:
    reply = client.chat.completions.create(model="homeward", messages=[ASKED])

    assert reply.choices[0].message.content == "Hello, Ada."
    assert reply.choices[0].finish_reason == "stop"
    assert reply.usage is not None
    assert reply.usage.completion_tokens == len("Hello, Ada.")
    assert [turn.asked for turn in served.me.profile.turns.latest(9)] == [ASKED["content"]]


def test_a_streamed_reply_comes_in_pieces_and_with_its_usage(client: openai.OpenAI) -> None:
    stream = client.chat.completions.create(
        model="homeward", messages=[ASKED], stream=True, stream_options={"include_usage": True}
    )
    chunks = list(stream)

    texts = [chunk.choices[0].delta.content for chunk in chunks if chunk.choices]
    assert "".join(filter(None, texts)) == "Hello, Ada."
    assert len(chunks) > 5
    assert chunks[-2].choices[0].finish_reason == "stop"
    assert chunks[-1].usage is not None


def test_a_thought_comes_as_reasoning_content_where_a_client_lets_the_model_think(
    serve: Serve, open_assistant: OpenAssistant, client_of: ClientOf
) -> None:
    def says(prompt: str) -> str:
        return "Nuts.\n</think>" if prompt.endswith("<think>\n") else "To peanuts."

    served = serve(open_assistant(ScriptedModel(says, template=HYBRID)))
    create = client_of(served).chat.completions.create
    whole = create(model="", messages=[ASKED], reasoning_effort="low")
    chunks = list(create(model="", messages=[ASKED], reasoning_effort="low", stream=True))
    at_once = create(model="", messages=[ASKED])

    assert whole.choices[0].message.content == "To peanuts."
    assert whole.choices[0].message.reasoning_content == "Nuts.\n"  # type: ignore[attr-defined]
    assert whole.usage is not None
    assert whole.usage.completion_tokens_details is not None
    assert whole.usage.completion_tokens_details.reasoning_tokens == len("Nuts.\n</think>")
    deltas = [chunk.choices[0].delta for chunk in chunks]
    thoughts = [getattr(delta, "reasoning_content", None) or "" for delta in deltas]
    assert "".join(thoughts) == "Nuts.\n"
    assert "".join(delta.content or "" for delta in deltas) == "To peanuts."
    assert at_once.choices[0].message.reasoning_content is None  # type: ignore[attr-defined]
    assert {turn.replied for turn in served.me.profile.turns.latest(9)} == {"To peanuts."}


def test_a_clients_limit_is_for_the_thought_and_the_reply_together(
    serve: Serve, open_assistant: OpenAssistant, client_of: ClientOf
) -> None:
    def says(prompt: str) -> str:
        return "on and on " * 99 if prompt.endswith("<think>\n") else "and so on " * 99

    served = serve(open_assistant(ScriptedModel(says, template=HYBRID)))
    create = client_of(served).chat.completions.create
    reply = create(model="", messages=[ASKED], reasoning_effort="high", max_completion_tokens=50)

    assert reply.choices[0].message.content == "and so on " * 2 + "and s"
    assert reply.usage is not None
    assert reply.usage.completion_tokens == 50


def test_a_reply_says_what_it_used_and_what_was_withheld(
    client: openai.OpenAI, served: Served
) -> None:
    served.me.attributes["name"] = "Ada"
    [memory] = served.me.remember("I am allergic to peanuts.")

    alone = client.chat.completions.create(model="", messages=[ASKED])
    at_work = client.chat.completions.create(
        model="", messages=[ASKED], extra_body={"homeward": {"audience": "work"}}
    )

    used, kept_back = alone.homeward, at_work.homeward  # type: ignore[attr-defined]
    assert {"kind": "memory", "id": memory.id} in used["used"]
    assert used["withheld"] == []
    assert {"kind": "memory", "id": memory.id} not in kept_back["used"]
    assert kept_back["withheld"][0]["rule"] == "health stays private"


def test_a_client_that_sends_the_whole_conversation_goes_on_in_it(
    serve: Serve, open_assistant: OpenAssistant, client_of: ClientOf
) -> None:
    model = ScriptedModel(["One.", "Two."])
    served = serve(open_assistant(model))
    client = client_of(served)
    first: ChatCompletionMessageParam = {"role": "user", "content": "First?"}
    replied: ChatCompletionMessageParam = {"role": "assistant", "content": "One."}
    second: ChatCompletionMessageParam = {"role": "user", "content": "Second?"}

    client.chat.completions.create(model="", messages=[first])
    client.chat.completions.create(model="", messages=[first, replied, second])

    [name] = served.me.profile.turns.conversations()
    assert [one.asked for one in served.me.profile.turns.conversation(name)] == [
        "First?",
        "Second?",
    ]
    assert "First?" in model.prompts[-1]
    assert "One." in model.prompts[-1]


def test_a_past_that_homeward_did_not_see_is_shown_and_not_recorded(
    serve: Serve, open_assistant: OpenAssistant, client_of: ClientOf
) -> None:
    model = ScriptedModel(["Aye."])
    served = serve(open_assistant(model))
    messages: list[ChatCompletionMessageParam] = [
        {"role": "system", "content": "You are a pirate."},
        {"role": "user", "content": "Who are you?"},
        {"role": "assistant", "content": "Blackbeard."},
        {"role": "user", "content": "Say it again."},
    ]

    client_of(served).chat.completions.create(model="", messages=messages)

    assert "You are a pirate." in model.prompts[-1]
    assert "Blackbeard." in model.prompts[-1]
    assert [turn.asked for turn in served.me.profile.turns.latest(9)] == ["Say it again."]


def test_a_conversation_that_is_named_goes_on_where_it_was_left(
    serve: Serve, open_assistant: OpenAssistant, client_of: ClientOf
) -> None:
    model = ScriptedModel(["One.", "Two.", "Three."])
    served = serve(open_assistant(model))
    client = client_of(served)

    def ask(question: str, **own: object) -> None:
        message: ChatCompletionMessageParam = {"role": "user", "content": question}
        client.chat.completions.create(
            model="", messages=[message], extra_body={"homeward": {"conversation": "tea", **own}}
        )

    ask("First?")
    ask("Second?")
    ask("Third?", audience="work")

    turns = served.me.profile.turns.conversation("tea")
    assert [(one.asked, one.replied) for one in turns] == [
        ("First?", "One."),
        ("Second?", "Two."),
        ("Third?", "Three."),
    ]
    assert "First?" in model.prompts[1]
    assert "Two." not in model.prompts[2]


def test_with_store_off_nothing_is_kept(client: openai.OpenAI, served: Served) -> None:
    reply = client.chat.completions.create(model="", messages=[ASKED], store=False)

    assert reply.choices[0].message.content == "Hello, Ada."
    assert served.me.profile.turns.count() == 0
    assert served.me.profile.memories.count() == 0


def test_length_and_stop_end_a_reply(client: openai.OpenAI) -> None:
    short = client.chat.completions.create(model="", messages=[ASKED], max_completion_tokens=5)
    stopped = client.chat.completions.create(model="", messages=[ASKED], stop=", ")

    assert (short.choices[0].message.content, short.choices[0].finish_reason) == ("Hello", "length")
    assert stopped.choices[0].message.content == "Hello"
    assert stopped.choices[0].finish_reason == "stop"


def test_embeddings_are_unit_vectors_in_both_encodings(client: openai.OpenAI) -> None:
    decoded = client.embeddings.create(model="", input=["tea", "coffee"])  # base64 on the wire
    plain = client.embeddings.create(model="", input="tea", encoding_format="float")

    assert [one.index for one in decoded.data] == [0, 1]
    assert decoded.data[0].embedding == pytest.approx(plain.data[0].embedding, abs=1e-6)
    assert sum(value**2 for value in plain.data[0].embedding) == pytest.approx(1, abs=1e-5)


def test_the_models_are_listed_by_the_names_that_a_request_may_give(
    client: openai.OpenAI,
) -> None:
    listed = [model.id for model in client.models.list()]

    assert listed[:2] == ["homeward", "scripted"]
    for name in listed:
        assert client.models.retrieve(name).id == name
    for name in listed[:2]:
        assert client.chat.completions.create(model=name, messages=[ASKED]).model == "scripted"
    with pytest.raises(openai.NotFoundError) as refused:
        client.models.retrieve("gpt-9")
    assert refused.value.code == "model_not_found"


@pytest.mark.parametrize(
    ("asked", "param", "says"),
    [
        ({"n": 2}, "n", "one reply is drawn"),
        ({"tools": [{"type": "custom", "custom": {"name": "f"}}]}, "tools.0.type", "'function'"),
        ({"tools": [{"type": "function", "function": {"name": "f g"}}]}, "tools", "'f g'"),
        ({"top_logprobs": 3}, "top_logprobs", "`logprobs`: true"),
        ({"logprobs": True, "top_logprobs": 21}, "top_logprobs", "at most 20"),
        ({"presence_penalty": 3}, "presence_penalty", "at most 2"),
        ({"logit_bias": {"99999": 1}}, "logit_bias", "has no token 99999"),
        ({"logit_bias": {"tea": 1}}, "logit_bias", "number"),
        ({"functions": [{"name": "f"}]}, "functions", "`tools`"),
        ({"audio": {"voice": "x"}}, "audio", "neither hears nor speaks"),
        ({"temperature": 3}, "temperature", "at most 2"),
        ({"messages": []}, "messages", "fewer than 1 entries"),
        ({"messages": [{"role": "wizard", "content": "x"}]}, "messages.0.role", "has to be"),
        ({"response_format": {"type": "json_schema"}}, "response_format", "json_schema"),
        (
            {
                "response_format": {
                    "type": "json_schema",
                    "json_schema": {"name": "n", "schema": {"type": "string", "pattern": "a"}},
                }
            },
            "response_format",
            "pattern cannot be held by a grammar",
        ),
    ],
)
def test_what_cannot_be_done_is_refused_in_a_sentence_that_names_it(
    client: openai.OpenAI, served: Served, asked: dict[str, object], param: str, says: str
) -> None:
    with pytest.raises(openai.UnprocessableEntityError) as refused:
        client.chat.completions.create(model="", messages=[ASKED], extra_body=asked)

    assert refused.value.type == "invalid_request_error"
    assert refused.value.code in ("invalid_request", "unsupported_parameter", "unsupported_value")
    assert refused.value.param == param
    assert says in refused.value.body["message"]  # type: ignore[index]
    assert served.me.profile.turns.count() == 0


@pytest.mark.parametrize(
    ("asked", "param"),
    [({"input": [1, 2]}, "input"), ({"input": [[1]]}, "input"), ({"dimensions": 5}, "dimensions")],
)
def test_what_embeddings_cannot_be_made_of_is_named(
    client: openai.OpenAI, asked: dict[str, object], param: str
) -> None:
    with pytest.raises(openai.UnprocessableEntityError) as refused:
        client.embeddings.create(model="", input="tea", extra_body=asked)

    assert (refused.value.code, refused.value.param) == ("unsupported_value", param)


def test_what_changes_nothing_is_taken(client: openai.OpenAI) -> None:
    harmless = {"user": "ada", "n": 1, "presence_penalty": 0, "tools": [], "metadata": {"a": "b"}}

    reply = client.chat.completions.create(model="", messages=[ASKED], extra_body=harmless)

    assert reply.choices[0].message.content == "Hello, Ada."


def test_refusals_are_the_clients_own_errors(client: openai.OpenAI, served: Served) -> None:
    with pytest.raises(openai.NotFoundError, match="model"):
        client.chat.completions.create(model="gpt-9", messages=[ASKED])
    with pytest.raises(openai.UnprocessableEntityError, match="user's"):
        client.chat.completions.create(model="", messages=[{"role": "system", "content": "x"}])
    with pytest.raises(openai.UnprocessableEntityError, match="empty"):
        client.chat.completions.create(model="", messages=[{"role": "user", "content": " "}])
    with pytest.raises(openai.BadRequestError, match="tokens"):
        long: ChatCompletionMessageParam = {"role": "user", "content": "word " * 2000}
        client.chat.completions.create(model="", messages=[long])
    with pytest.raises(openai.AuthenticationError):
        client.models.list(extra_headers={"Authorization": "Bearer wrong"})
    assert served.me.profile.turns.count() == 0


def test_when_too_many_wait_the_rest_are_told_to_come_again(
    serve: Serve, open_assistant: OpenAssistant, client_of: ClientOf
) -> None:
    served = serve(open_assistant(SlowModel(["a long story " * 200])), waiting=0)
    client = client_of(served)

    with client.chat.completions.create(model="", messages=[ASKED], stream=True) as stream:
        next(iter(stream))
        with pytest.raises(openai.RateLimitError) as refused:
            client.chat.completions.create(model="", messages=[ASKED])

    assert int(refused.value.response.headers["Retry-After"]) >= 1
    assert refused.value.code == "busy"
    assert [turn.asked for turn in served.me.profile.turns.latest(9)] == [ASKED["content"]]


@pytest.mark.parametrize("streamed", [True, False])
def test_a_client_that_goes_away_ends_its_reply(
    serve: Serve, open_assistant: OpenAssistant, *, streamed: bool
) -> None:
    served = serve(open_assistant(SlowModel(["a long story " * 250])))
    messages = [{"role": "user", "content": "Tell me."}]
    body = json.dumps({"messages": messages, "stream": streamed, "max_tokens": 3000})
    headers = {"Authorization": f"Bearer {TOKEN}", "Content-Type": "application/json"}
    connection = HTTPConnection("127.0.0.1", served.port)
    connection.request("POST", "/v1/chat/completions", body, headers)
    time.sleep(0.5)
    connection.close()

    turn = ended(served)

    assert not turn.complete
    assert 0 < len(turn.replied) < len("a long story " * 250)


def ended(served: Served) -> Turn:
    """Wait for the turn's record."""
    for _ in range(100):
        [turn] = served.me.profile.turns.latest(1)
        if turn.replied_at is not None:
            return turn
        time.sleep(0.05)
    raise AssertionError("the reply went on")


def test_another_audience_goes_on_in_no_conversation_of_the_first(
    serve: Serve, open_assistant: OpenAssistant, client_of: ClientOf
) -> None:
    model = ScriptedModel(lambda prompt: "Peanuts, Zorblax." if "peanuts" in prompt else "?")
    served = serve(open_assistant(model))
    served.me.remember("I am allergic to peanuts.")
    create = client_of(served).chat.completions.create
    told: ChatCompletionMessageParam = {"role": "assistant", "content": "Peanuts, Zorblax."}
    more: ChatCompletionMessageParam = {"role": "user", "content": "And what else?"}

    for named in ({}, {"conversation": "trip"}):
        alone = create(model="", messages=[ASKED], extra_body={"homeward": named})
        assert alone.choices[0].message.content == told["content"]
        at_work = create(
            model="",
            messages=[ASKED, told, more],
            extra_body={"homeward": {"audience": "work", **named}},
        )
        assert at_work.choices[0].message.content == "?"
        assert "Zorblax" not in model.prompts[-1]
