"""Over HTTP and in the dashboard the table of use contexts decides, as it does everywhere else."""

from collections.abc import Callable
from typing import Any

import pytest
from tests.sdk.serving.conftest import Served
from tests.use_contexts import CASES, Case, consented, remembered

from homeward_store import MemoryId

V1 = "/homeward/v1"

Surface = Callable[[Served, Case, MemoryId], bool]


def recall(served: Served, case: Case, memory: MemoryId) -> bool:
    asked = {"question": case.question, "audience": case.audience, "purpose": case.purpose}
    answer = served.client.post(f"{V1}/recall", json=asked)
    return answer.is_success and memory in [one["memory"]["id"] for one in answer.json()]


def chat(served: Served, case: Case, memory: MemoryId) -> bool:
    said = [{"role": "user", "content": case.question}]
    asked = {"messages": said, "store": False, "homeward": reader(case)}
    return _used(served, "/v1/chat/completions", asked, memory)


def chat_with_tools(served: Served, case: Case, memory: MemoryId) -> bool:
    said = [{"role": "user", "content": case.question}]
    tools = [{"type": "function", "function": {"name": "clock"}}]
    asked = {"messages": said, "tools": tools, "store": False, "homeward": reader(case)}
    return _used(served, "/v1/chat/completions", asked, memory)


def respond(served: Served, case: Case, memory: MemoryId) -> bool:
    asked = {"input": case.question, "store": False, "homeward": reader(case)}
    return _used(served, "/v1/responses", asked, memory)


def message(served: Served, case: Case, memory: MemoryId) -> bool:
    said = [{"role": "user", "content": case.question}]
    asked = {"messages": said, "max_tokens": 9, "store": False, "homeward": reader(case)}
    return _used(served, "/v1/messages", asked, memory)


def complete(served: Served, case: Case, memory: MemoryId) -> bool:
    asked = {"prompt": case.question, "store": False, "homeward": reader(case)}
    return _used(served, "/v1/completions", asked, memory)


def reader(case: Case) -> dict[str, str]:
    return {"audience": case.audience, "purpose": case.purpose}


def _used(served: Served, route: str, asked: dict[str, Any], memory: MemoryId) -> bool:
    answer = served.client.post(route, json=asked)
    assert answer.is_success, answer.text
    used = answer.json()["homeward"]["used"]
    return memory in [one["id"] for one in used if one["kind"] == "memory"]


def listed(served: Served, case: Case, memory: MemoryId) -> bool:
    answer = served.client.get(f"{V1}/memories", params=reader(case))
    return memory in [one["id"] for one in answer.json()]


def searched(served: Served, case: Case, memory: MemoryId) -> bool:
    asked = reader(case) | {"words": case.question}
    answer = served.client.get(f"{V1}/memories", params=asked)
    return memory in [one["id"] for one in answer.json()]


ASKING: list[Surface] = [recall, chat, chat_with_tools, respond, message, complete]
SURFACES: list[Surface] = [*ASKING, listed, searched]


def of(surface: Surface) -> list[Case]:
    """Return the cases that a surface can be asked: a list answers no question."""
    return [one for one in CASES if surface in ASKING or one.asks == "me"]


@pytest.mark.parametrize("surface", SURFACES)
def test_a_surface_decides_as_the_table_says(served: Served, surface: Surface) -> None:
    memories = remembered(served.me)

    wrong = list[Case]()
    for case in of(surface):
        with consented(served.me, case):
            if surface(served, case, memories[case.kind]) != case.told:
                wrong.append(case)

    assert wrong == []
