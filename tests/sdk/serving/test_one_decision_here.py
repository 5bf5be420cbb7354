"""Over HTTP and in the dashboard the table of use contexts decides, as it does everywhere else."""

from collections.abc import Callable

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
    asked = {
        "messages": [{"role": "user", "content": case.question}],
        "store": False,
        "homeward": {"audience": case.audience, "purpose": case.purpose},
    }
    answer = served.client.post("/v1/chat/completions", json=asked)
    assert answer.is_success, answer.text
    used = answer.json()["homeward"]["used"]
    return memory in [one["id"] for one in used if one["kind"] == "memory"]


def listed(served: Served, case: Case, memory: MemoryId) -> bool:
    reader = {"audience": case.audience, "purpose": case.purpose}
    answer = served.client.get(f"{V1}/memories", params=reader)
    return memory in [one["id"] for one in answer.json()]


def searched(served: Served, case: Case, memory: MemoryId) -> bool:
    reader = {"audience": case.audience, "purpose": case.purpose, "words": case.question}
    answer = served.client.get(f"{V1}/memories", params=reader)
    return memory in [one["id"] for one in answer.json()]


SURFACES: list[Surface] = [recall, chat, listed, searched]


def of(surface: Surface) -> list[Case]:
    """Return the cases that a surface can be asked: a list answers no question."""
    return [one for one in CASES if surface in (recall, chat) or one.asks == "me"]


@pytest.mark.parametrize("surface", SURFACES)
def test_a_surface_decides_as_the_table_says(served: Served, surface: Surface) -> None:
    memories = remembered(served.me)

    wrong = list[Case]()
    for case in of(surface):
        with consented(served.me, case):
            if surface(served, case, memories[case.kind]) != case.told:
                wrong.append(case)

    assert wrong == []
