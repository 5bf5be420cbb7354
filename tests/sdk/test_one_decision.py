"""The same decision on every surface of the SDK, over MCP, and where an app gives a memory."""

from collections.abc import Callable
from contextlib import suppress
from datetime import UTC, datetime
from itertools import count

import pytest
from tests.conftest import OpenAssistant
from tests.use_contexts import CASES, Case, consented, remembered

from homeward.assistant import Assistant
from homeward.mcp.access import PURPOSE, ClientAccess
from homeward_store import Ability, ConsentRequired, MemoryId, NotFound

_YEARS = count(2030)
Surface = Callable[[Assistant, Case, MemoryId], bool]


def recall(me: Assistant, case: Case, memory: MemoryId) -> bool:
    with suppress(ConsentRequired):
        found = me.recall(case.question, use_context=case.use_context)
        return memory in [one.memory.id for one in found]
    return False


def ask(me: Assistant, case: Case, memory: MemoryId) -> bool:
    with me.conversation(incognito=True, use_context=case.use_context) as conversation:
        sources = conversation.ask(case.question).sources
        return memory in [one.id for one in sources.memories]


def ask_with_what_the_app_gives(me: Assistant, case: Case, memory: MemoryId) -> bool:
    given = me.profile.memories.get([memory])
    with me.conversation(incognito=True, use_context=case.use_context) as conversation:
        sources = conversation.ask(case.question, including=given).sources
        return memory in [one.id for one in sources.memories]


def decide(me: Assistant, case: Case, memory: MemoryId) -> bool:
    [item] = me.profile.memories.get([memory])
    return me.gate.asked(case.question, case.use_context).admits(item)


def client(me: Assistant, case: Case) -> ClientAccess:
    me.profile.clients.grant("editor", *Ability, audience=case.audience, shown="May it?")
    # A year after the last request: how often it asks is no part of this.
    then = datetime(next(_YEARS), 1, 1, tzinfo=UTC)
    return ClientAccess(me, "editor", now=lambda: then)


def mcp_recall(me: Assistant, case: Case, memory: MemoryId) -> bool:
    with suppress(ConsentRequired):
        return memory in [one.id for one in client(me, case).recall(case.question)]
    return False


def mcp_why(me: Assistant, case: Case, memory: MemoryId) -> bool:
    with suppress(NotFound):
        handle = me.profile.handles.of(memory)
        return client(me, case).why(handle, question=case.question).memory.id == memory
    return False


SURFACES: list[Surface] = [
    decide,
    recall,
    ask,
    ask_with_what_the_app_gives,
    mcp_recall,
    mcp_why,
]


def of(surface: Surface) -> list[Case]:
    """Return the cases that a surface can be asked: over MCP the purpose is its own."""
    over_mcp = surface in (mcp_recall, mcp_why)
    return [one for one in CASES if not over_mcp or one.purpose == PURPOSE]


@pytest.mark.parametrize("surface", SURFACES)
def test_a_surface_decides_as_the_table_says(
    open_assistant: OpenAssistant, surface: Surface
) -> None:
    me = open_assistant()
    memories = remembered(me)

    wrong = list[Case]()
    for case in of(surface):
        with consented(me, case):
            if surface(me, case, memories[case.kind]) != case.told:
                wrong.append(case)

    assert wrong == []


def test_the_table_has_fifty_moments_and_each_surface_enough_of_them() -> None:
    assert len(set(CASES)) == len(CASES) >= 50
    assert min(len(of(surface)) for surface in SURFACES) >= 25
