"""`homeward mcp` over stdio, asked by the SDK's client: consent, the gate, limits, the record."""

import json
import os
import subprocess
import sys
from pathlib import Path
from typing import Any

import anyio
import pytest
from mcp import Client
from mcp.types import CallToolResult, TextContent
from tests.sdk.mcp.conftest import NAME, Place

from homeward_store import Ability, Origin, RequestOutcome

pytestmark = pytest.mark.model


def grant(place: Place, *may: Ability, audience: str = "tool") -> None:
    with place.open() as profile:
        profile.clients.grant(NAME, *may, audience=audience, shown="May it?")


async def call(client: Client, tool: str, **arguments: object) -> Any:
    """Call a tool that is to succeed, and return what it gave."""
    result = await client.call_tool(tool, arguments)
    assert not result.is_error, said(result)
    assert result.structured_content is not None
    return result.structured_content.get("result", result.structured_content)


async def refusal(client: Client, tool: str, **arguments: object) -> str:
    """Call a tool that is to refuse, and return what it said."""
    result = await client.call_tool(tool, arguments)
    assert result.is_error, said(result)
    return said(result)


def said(result: CallToolResult) -> str:
    return " ".join(one.text for one in result.content if isinstance(one, TextContent))


def test_the_four_tools_are_offered(place: Place) -> None:
    async def work(client: Client) -> None:
        tools = (await client.list_tools()).tools
        assert sorted(tool.name for tool in tools) == ["forget", "recall", "remember", "why"]

    place.ask(work)


def test_a_client_that_was_not_let_is_told_the_command_and_then_is(place: Place) -> None:
    """The person grants while the client runs: the server lets the profile go in between."""

    async def work(client: Client) -> None:
        assert f"homeward clients grant --may recall -- {NAME}" in await refusal(
            client, "recall", question="tea"
        )
        with anyio.fail_after(30):
            while place.command("clients", "grant", NAME, "--may", "recall", "--yes").returncode:
                await anyio.sleep(0.5)
        assert await call(client, "recall", question="tea") == []
        assert "may not remember" in await refusal(client, "remember", text="I like tea.")

    place.ask(work)

    log = place.command("clients", "log").stdout
    assert "not granted" in log
    assert "done" in log


def test_what_a_client_remembers_comes_from_a_tool_and_can_be_explained_and_forgotten(
    place: Place,
) -> None:
    grant(place, *Ability)

    async def work(client: Client) -> None:
        [made] = await call(client, "remember", text="The person's train leaves at nine.")
        [found] = await call(client, "recall", question="When does the train leave?")
        where = await call(client, "why", memory=made["id"])
        erased = await call(client, "forget", memory=made["id"])

        assert found["id"] == made["id"]
        assert where["origin"] == "tool"
        assert where["source"] == "writing"
        assert erased["state"] == "complete"
        assert await call(client, "recall", question="When does the train leave?") == []
        assert "memory" in await refusal(client, "why", memory=made["id"])

    place.ask(work)

    with place.open() as profile:
        assert profile.memories.count() == 0
        assert len(profile.receipts()) == 1


def test_what_a_client_is_shown_does_not_tell_of_withheld_memories(place: Place) -> None:
    for text in ("I sell blue bicycles.", "I have asthma.", "I paint red boats."):
        assert place.command("memories", "add", text).returncode == 0
    with place.open() as profile:
        numbers = {form for one in profile.memories.all() for form in (int(one.id), str(one.id))}
    grant(place, Ability.RECALL, Ability.REMEMBER)
    seen = []

    async def work(client: Client) -> None:
        for question in ("Which bicycles do I sell?", "Which boats do I paint?"):
            seen.extend(await call(client, "recall", question=question))
        seen.extend(await call(client, "remember", text="The person's train leaves at nine."))

    place.ask(work)
    assert {one["text"] for one in seen} >= {"I sell blue bicycles.", "I paint red boats."}
    assert all(len(one["id"]) == 32 for one in seen)
    assert not any(one.get(name) in numbers for one in seen for name in one)


def test_the_gate_goes_by_the_clients_audience(place: Place) -> None:
    added = place.command("memories", "add", "I am allergic to peanuts.")
    assert added.returncode == 0, added.stderr
    with place.open() as profile:
        [memory] = profile.memories.all()
        assert "health" in memory.tags
        handle = profile.handles.of(memory.id)

    async def before_others(client: Client) -> None:
        assert await call(client, "recall", question="What am I allergic to?") == []
        told = await refusal(client, "forget", memory=handle)
        never = await refusal(client, "forget", memory="9" * 32)
        assert told.replace(handle, "N") == never.replace("9" * 32, "N")

    async def alone(client: Client) -> None:
        [found] = await call(client, "recall", question="What am I allergic to?")
        assert found["id"] == handle

    grant(place, Ability.RECALL, Ability.FORGET)
    place.ask(before_others)
    grant(place, Ability.RECALL, audience="private")
    place.ask(alone)


def test_consent_belongs_to_one_client_and_can_be_withdrawn(place: Place) -> None:
    grant(place, Ability.RECALL)

    async def refused(client: Client) -> None:
        await refusal(client, "recall", question="tea")

    place.ask(refused, name="another client")
    with place.open() as profile:
        profile.clients.withdraw(NAME)
    place.ask(refused)

    assert "nothing" in place.command("clients", "list").stdout


def test_a_client_that_asks_too_often_has_to_wait_even_after_a_new_start(place: Place) -> None:
    grant(place, Ability.FORGET)

    async def work(client: Client) -> None:
        for _ in range(5):
            assert "no memory 9999" in await refusal(client, "forget", memory="9" * 32)
        assert "wait a minute" in await refusal(client, "forget", memory="9" * 32)

    async def again(client: Client) -> None:
        assert "wait a minute" in await refusal(client, "forget", memory="9" * 32)

    place.ask(work)
    place.ask(again)


def test_every_request_is_on_the_ledger_without_its_words(place: Place) -> None:
    grant(place, Ability.RECALL, Ability.REMEMBER)

    async def work(client: Client) -> None:
        await call(client, "remember", text="The roses of the garden are yellow.")
        await call(client, "recall", question="garden")
        await refusal(client, "why", memory="1" * 32)

    place.ask(work)

    with place.open() as profile:
        profile.check()
        log = profile.clients.accesses()
        [memory] = profile.memories.all()
        kept = [
            row for (row,) in profile._database.run("SELECT body FROM ledger WHERE kind='access'")
        ]
    assert [(one.client, one.ability, one.outcome, one.memories) for one in log] == [
        (NAME, Ability.WHY, RequestOutcome.NOT_GRANTED, ()),
        (NAME, Ability.RECALL, RequestOutcome.DONE, (memory.id,)),
        (NAME, Ability.REMEMBER, RequestOutcome.DONE, (memory.id,)),
    ]
    assert memory.origin is Origin.TOOL
    assert "garden" not in json.dumps(kept)


def test_what_makes_no_sense_is_refused_by_the_schema(place: Place) -> None:
    grant(place, *Ability)

    async def work(client: Client) -> None:
        for unlike in (1, "1", "1" * 33, "Z" * 32):
            await refusal(client, "why", memory=unlike)
        await refusal(client, "remember", text="")
        await refusal(client, "remember", text="a\0b")

    place.ask(work)


def test_no_tracer_that_the_environment_names_sees_a_call(tmp_path: Path) -> None:
    (tmp_path / "planted-1.dist-info").mkdir()
    (tmp_path / "planted-1.dist-info" / "METADATA").write_text("Name: planted\nVersion: 1\n")
    (tmp_path / "planted-1.dist-info" / "entry_points.txt").write_text(
        "[opentelemetry_tracer_provider]\nplanted = planted:Provider\n"
    )
    (tmp_path / "planted.py").write_text(
        "from opentelemetry.trace import NoOpTracerProvider\n"
        "class Provider(NoOpTracerProvider):\n"
        "    def __init__(self):\n        print('planted')\n"
    )
    code = "import {}; from opentelemetry import trace; trace.get_tracer('x').start_span('y')"

    def said(module: str) -> str:
        return subprocess.run(
            [sys.executable, "-c", code.format(module)],
            env=os.environ
            | {
                "OTEL_PYTHON_TRACER_PROVIDER": "planted",
                "PYTHONPATH": os.pathsep.join([str(tmp_path), *sys.path]),
            },
            capture_output=True,
            text=True,
            check=True,
        ).stdout

    assert "planted" in said("mcp.server")  # the plant works
    assert said("homeward.mcp.server") == ""
