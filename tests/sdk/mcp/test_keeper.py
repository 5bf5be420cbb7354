"""An assistant that is open only while it is asked."""

import time

import pytest
from tests.conftest import PASSPHRASE, OpenAssistant

from homeward.assistant import Assistant
from homeward.mcp.assistant_lease import AssistantLease
from homeward_store import ProfileInUse, open_profile


def test_it_is_open_while_it_is_asked_and_closed_once_nobody_does(
    open_assistant: OpenAssistant,
) -> None:
    opened: list[Assistant] = []

    def open_() -> Assistant:
        opened.append(open_assistant())
        return opened[-1]

    keeper = AssistantLease(open_, idle=0.3)
    with keeper.assistant() as me:
        folder = me.profile.path
        with pytest.raises(ProfileInUse):
            open_profile(folder, unlock=PASSPHRASE)
    with keeper.assistant() as again:
        assert again is me

    until = time.monotonic() + 10
    while time.monotonic() < until:
        try:
            open_profile(folder, unlock=PASSPHRASE).close()
            break
        except ProfileInUse:
            time.sleep(0.05)
    with keeper.assistant() as anew:
        assert anew is not me
        assert anew.profile.memories.count() == 0
    keeper.close()
    keeper.close()

    assert len(opened) == 2
    open_profile(folder, unlock=PASSPHRASE).close()


def test_a_request_that_fails_leaves_it_usable(open_assistant: OpenAssistant) -> None:
    keeper = AssistantLease(open_assistant, idle=60)
    with pytest.raises(ValueError, match="no"), keeper.assistant():
        raise ValueError("no")
    with keeper.assistant() as me:
        assert me.remember("I play the oboe.")
    keeper.close()
