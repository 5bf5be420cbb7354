"""An assistant whose person has chosen often enough, and the town around it."""

import time
from collections.abc import Callable

import pytest
from tests.sdk.federation.town import Town

from homeward.assistant import Assistant


@pytest.fixture
def town() -> Town:
    return Town(int(time.time()))


@pytest.fixture
def me(open_assistant: Callable[[], Assistant]) -> Assistant:
    assistant = open_assistant()
    choose_short(assistant, 12)
    return assistant


def choose_short(assistant: Assistant, count: int) -> None:
    with assistant.profile.transaction():
        for at in range(count):
            assistant.profile.choices.add(
                f"How {at}?", f"At once. {at}", f"First take it off. Then rinse it. Wash it. {at}"
            )
