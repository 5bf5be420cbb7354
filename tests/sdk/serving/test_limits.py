"""What a client may send, how long it may take, and that no request keeps the others out."""

import http.client
import socket
import time
from typing import Any

import pytest
from tests.sdk.serving.conftest import TOKEN, Served

from homeward.policy import exclusions
from homeward.serving import timeouts
from homeward.text.limits import MOST_MEMORIES
from homeward.tools.grammar import grammar_of

LINES = "I am a. Why? " * 40_000


def deep(levels: int) -> dict[str, Any]:
    schema: dict[str, Any] = {"type": "string"}
    for _ in range(levels):
        schema = {"type": "object", "properties": {"a": schema}, "required": ["a"]}
    return schema


def listed(levels: int) -> list[Any]:
    value: list[Any] = []
    for _ in range(levels - 1):
        value = [value]
    return value


def chain(length: int) -> dict[str, Any]:
    """Return a schema whose references lead from one to the next."""
    definitions = {str(n): {"$ref": f"#/$defs/{n + 1}"} for n in range(length)}
    return {"$defs": {**definitions, str(length): {"type": "null"}}, "$ref": "#/$defs/0"}


def told(content: str) -> dict[str, Any]:
    return {"messages": [{"role": "user", "content": content}]}


def tool(schema: Any) -> dict[str, Any]:
    return {"type": "function", "function": {"name": "f", "parameters": schema}}


def asked(schema: Any) -> dict[str, Any]:
    wanted = {"type": "json_schema", "json_schema": {"name": "x", "schema": schema}}
    return {**told("Hello?"), "response_format": wanted}


@pytest.mark.parametrize(
    ("path", "body"),
    [
        ("/v1/chat/completions", told("a" * 3_500_000)),
        ("/v1/chat/completions", told(LINES[:90_000])),
        ("/v1/chat/completions", {"messages": [{"role": "user", "content": "a" * 90_000}] * 5}),
        ("/v1/chat/completions", {**told("Hi?"), "stop": ["x" * 100_000]}),
        ("/v1/chat/completions", {**told("Hi?"), "tools": [tool({"type": "object"})] * 65}),
        ("/v1/chat/completions", {**told("Hi?"), "tools": [tool(deep(300))]}),
        ("/v1/responses", {"input": "a" * 3_500_000}),
        ("/v1/responses", {"input": [{"role": "user", "content": "a" * 90_000}] * 5}),
        ("/v1/completions", {"prompt": "a" * 3_500_000}),
        ("/v1/messages", {**told(LINES[:90_000]), "max_tokens": 9}),
        ("/v1/messages", {**told("Hi?"), "max_tokens": 9, "stop_sequences": ["a" * 300]}),
        ("/v1/embeddings", {"input": "a" * 3_500_000}),
        ("/v1/embeddings", {"input": ["a" * 100_000] * 30}),
        ("/homeward/v1/memories", {"text": "a" * 3_500_000}),
        ("/homeward/v1/memories", {"text": "a\n\n" * 6000}),
        ("/homeward/v1/writings", {"text": "a\n\n" * 60_000}),
        ("/homeward/v1/choices", {"prompt": "a", "chosen": "a" * 90_000, "rejected": "b"}),
        ("/homeward/v1/recall", {"question": "a" * 90_000}),
        ("/homeward/v1/plan", {"topic": "a " * 90_000}),
        ("/homeward/v1/plan", {"keys": ["a" * 1000]}),
    ],
    ids=range(20),
)
def test_too_much_text_is_refused_before_the_assistant_sees_it(
    served: Served, path: str, body: dict[str, Any]
) -> None:
    before = time.thread_time()
    answer = served.client.post(path, json=body)

    assert answer.status_code == 422
    assert answer.json()["error"]["code"] == "invalid_request"
    assert "aaaa" not in answer.text
    assert served.me.profile.notes.all() == []
    assert time.thread_time() - before < 5


@pytest.mark.parametrize("schema", [deep(300), deep(5000), chain(450), {"const": [[]]}])
def test_a_schema_that_is_nested_too_deep_makes_no_sense(
    served: Served, schema: dict[str, Any]
) -> None:
    if "const" in schema:
        for _ in range(3000):
            schema["const"] = [schema["const"]]
    try:
        answer = served.client.post("/v1/chat/completions", json=asked(schema))
    except RecursionError:  # the client's own encoder
        body = '{"a":' * 5000 + "1" + "}" * 5000
        answer = served.client.post(
            "/v1/chat/completions",
            content=body,
            headers={"Content-Type": "application/json"},
        )

    assert answer.status_code in (400, 422)
    assert answer.json()["error"]["type"] == "invalid_request_error"


def test_a_schema_that_makes_a_huge_grammar_is_refused() -> None:
    with pytest.raises(ValueError, match="more than 200000 characters"):
        grammar_of({"enum": ["x" * 1000] * 300})
    with pytest.raises(ValueError, match="deeper than 40"):
        grammar_of(deep(41))
    with pytest.raises(ValueError, match="a fixed value is nested deeper than 40"):
        grammar_of({"enum": [1, listed(41)]})
    assert grammar_of(deep(39))
    assert grammar_of({"const": listed(40)})


def test_the_longest_text_that_is_taken_becomes_memories(served: Served) -> None:
    text = "\n\n".join(f"Line {n} of a long note." for n in range(MOST_MEMORIES))

    answer = served.client.post("/homeward/v1/memories", json={"text": text})

    assert answer.status_code == 201
    assert len(answer.json()["memories"]) == MOST_MEMORIES


def closed_after(connection: socket.socket) -> float:
    """Return the seconds until the other side closes."""
    started = time.monotonic()
    connection.settimeout(20)
    while connection.recv(1000):
        pass
    return time.monotonic() - started


@pytest.mark.parametrize("begun", [b"", b"GET / HT", b"GET / HTTP/1.1\r\nHost: x\r\n"])
def test_a_connection_that_does_not_say_what_it_wants_is_closed(
    served: Served, monkeypatch: pytest.MonkeyPatch, begun: bytes
) -> None:
    monkeypatch.setattr(timeouts, "HEAD_SECONDS", 0.3)
    with socket.create_connection(("127.0.0.1", served.port)) as connection:
        connection.sendall(begun)
        assert closed_after(connection) < 10


def test_bytes_that_come_one_by_one_do_not_keep_a_connection_open(
    served: Served, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(timeouts, "HEAD_SECONDS", 0.5)
    with socket.create_connection(("127.0.0.1", served.port)) as connection:
        for _ in range(100):
            try:
                connection.sendall(b"X")
            except OSError:
                break
            time.sleep(0.1)
        else:
            pytest.fail("it was open for 10 s")


def test_a_second_request_on_a_connection_is_waited_for_no_longer(
    served: Served, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(timeouts, "HEAD_SECONDS", 0.3)
    connection = http.client.HTTPConnection("127.0.0.1", served.port, timeout=20)
    connection.request("GET", "/homeward/v1/profile", headers={"Authorization": f"Bearer {TOKEN}"})
    assert connection.getresponse().read()
    assert connection.sock is not None
    connection.sock.sendall(b"GET /homeward")

    assert closed_after(connection.sock) < 4  # less than what uvicorn waits between requests
    connection.close()


def test_a_body_that_does_not_come_is_answered(
    served: Served, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(timeouts, "BODY_SECONDS", 0.3)
    connection = http.client.HTTPConnection("127.0.0.1", served.port, timeout=20)
    connection.putrequest("POST", "/homeward/v1/memories")
    connection.putheader("Authorization", f"Bearer {TOKEN}")
    connection.putheader("Content-Type", "application/json")
    connection.putheader("Content-Length", "100")
    connection.endheaders()
    connection.send(b'{"text": "')

    assert connection.getresponse().status == 408
    connection.close()


def test_a_reply_may_take_longer_than_a_request(
    served: Served, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(timeouts, "BODY_SECONDS", 0.2)
    monkeypatch.setattr(timeouts, "HEAD_SECONDS", 0.2)
    asking = {**told("Hello?"), "stream": True}
    with served.client.stream("POST", "/v1/chat/completions", json=asking) as answer:
        time.sleep(0.5)
        assert "[DONE]" in "".join(answer.iter_text())


@pytest.mark.parametrize("pattern", ["merk dir ", "merke dir das ", "n'enregistre ", "ne pas "])
def test_the_rules_of_what_is_kept_take_time_by_the_length(pattern: str) -> None:
    def seconds(length: int) -> float:
        started = time.process_time()
        exclusions.opts_out_of_memory(pattern * (length // len(pattern)))
        return time.process_time() - started

    assert seconds(400_000) < 20 * max(seconds(40_000), 0.01)  # squared, it would be 100 times
