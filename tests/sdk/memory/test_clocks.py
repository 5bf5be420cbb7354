"""The order of what was said, where a clock was wrong for a while."""

from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from tests.conftest import PASSPHRASE

from homeward import Assistant
from homeward.settings import ModelLoaders
from homeward.testing import HashEmbedder, ScriptedModel
from homeward_store import FASTEST, Memory, create_profile, open_profile

NOW = datetime(2026, 5, 1, tzinfo=UTC)


class Clock:
    """A clock that a test sets."""

    def __init__(self) -> None:
        self.time = NOW

    def __call__(self) -> datetime:
        self.time += timedelta(seconds=1)
        return self.time


@pytest.fixture
def clock() -> Clock:
    """The clock of `me`."""
    return Clock()


@pytest.fixture
def me(tmp_path: Path, clock: Clock) -> Assistant:
    """An assistant whose clock the test sets."""
    folder = tmp_path / "profile"
    create_profile(folder, unlock=[PASSPHRASE], cost=FASTEST).profile.close()
    profile = open_profile(folder, unlock=PASSPHRASE, clock=clock)
    return Assistant(profile, ModelLoaders(lambda: ScriptedModel(["Fine."]), HashEmbedder))


def _true(me: Assistant) -> list[Memory]:
    return [one for one in me.profile.memories.all() if one.superseded_by is None]


@pytest.mark.parametrize("back", [timedelta(hours=2), timedelta(days=400), timedelta(days=9000)])
def test_the_newer_statement_stands_though_the_clock_was_set_back(
    me: Assistant, clock: Clock, back: timedelta
) -> None:
    me.remember("My phone number is 555 0101.")
    clock.time -= back
    me.remember("My phone number is 555 0199.")

    assert [one.text for one in _true(me)] == ["My phone number is 555 0199."]


def test_a_chat_dated_in_a_year_to_come_does_not_beat_what_is_said_today(
    me: Assistant, clock: Clock
) -> None:
    clock.time = NOW.replace(year=2031)
    assert me.ask("My phone number is 555 0101.").text
    clock.time = NOW
    assert me.ask("My phone number is 555 0199.").text

    assert [one.text for one in _true(me)] == ["My phone number is 555 0199."]
