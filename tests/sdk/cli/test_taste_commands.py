"""`homeward taste …` as a person types it."""

from pathlib import Path

import pytest
from tests.sdk.cli.conftest import SECRET, Run

import homeward.opening
from homeward.settings import ModelLoaders
from homeward.testing import HashEmbedder, ScriptedModel
from homeward_store import Category, Passphrase, Purpose, open_profile


@pytest.fixture(autouse=True)
def choices(monkeypatch: pytest.MonkeyPatch, home: Path) -> None:
    """Twenty choices that may be learned from, and stand-ins for the pulled models."""
    model = ScriptedModel(["Yes."])
    monkeypatch.setattr(
        homeward.opening, "_loaders", lambda *_: ModelLoaders(lambda: model, HashEmbedder)
    )
    monkeypatch.setattr(ScriptedModel, "close", lambda _: None)  # one model for all commands
    with open_profile(home / "profiles" / "me", unlock=Passphrase(SECRET)) as profile:
        profile.consent.grant(Purpose.LEARN, Category.CHOICES, shown="May it?")
        for at in range(20):
            profile.choices.add("How?", f"Yes! Do it! {at}", f"Yes. Do it. {at}")


def test_a_weight_is_set_below_zero_and_given_back(homeward: Run) -> None:
    done = homeward("taste", "set", "emoji", "-1")
    assert done.returncode == 0, done.stderr
    assert "homeward taste undo emoji" in done.stderr
    assert "you set it" in homeward("taste").stdout
    assert homeward("taste", "undo", "emoji").returncode == 0
    assert "you set it" not in homeward("taste").stdout
    assert homeward("taste", "set", "emoji", "-4").returncode == 2
    assert homeward("taste", "set", "charm", "1").returncode == 2


def test_a_trial_says_what_it_decided_and_can_be_overruled(homeward: Run) -> None:
    assert "taste trial" in homeward("taste", "on").stderr
    tried = homeward("taste", "trial")
    assert tried.returncode == 0, tried.stderr
    assert "picking among drafts" in tried.stdout
    assert "8 choices" in tried.stdout
    assert homeward("taste", "on").returncode == 0
    assert "examples of your choices and picking among drafts" in homeward("taste").stdout
    assert homeward("taste", "off").returncode == 0
    assert "is off" in homeward("taste").stdout


def test_a_kind_of_choice_is_switched_off(homeward: Run) -> None:
    assert homeward("taste", "count", "explicit", "0").returncode == 0
    assert "20 explicit (off)" in homeward("taste").stdout
