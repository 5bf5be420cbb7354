"""`homeward learn` and `homeward learned …` on a model of a few thousand weights."""

import re
from pathlib import Path

import pytest
from tests.sdk.cli.conftest import SECRET, Run
from tests.sdk.learning import tiny_models
from tests.training import training_through

import homeward.opening
from homeward.learning.gradients.gradient import GradientModel
from homeward.settings import ModelLoaders
from homeward.testing import HashEmbedder, ScriptedModel
from homeward_store import Category, ChoiceSource, Passphrase, Purpose, open_profile

VIRTUAL = "\N{OBJECT REPLACEMENT CHARACTER}"


@pytest.fixture(autouse=True)
def stand_ins(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    """Stand in for the pulled models: a reply says whether a soft prompt was fed."""
    file = tmp_path / "bytes.gguf"
    tiny_models.write("llama", file, vocabulary=258)
    model = ScriptedModel(lambda prompt: "learned" if VIRTUAL in prompt else "plain", n_embd=32)

    train = training_through(lambda: GradientModel.open(file))
    loaders = ModelLoaders(lambda: model, HashEmbedder, train)
    monkeypatch.setattr(homeward.opening, "_loaders", lambda *_: loaders)
    monkeypatch.setattr(ScriptedModel, "close", lambda _: None)  # one model for all commands


@pytest.fixture
def written(home: Path) -> None:
    """Thirty short writings in a style of few words."""
    with open_profile(home / "profiles" / "me", unlock=Passphrase(SECRET)) as profile:
        for number in range(30):
            profile.writings.add(f"aye nay aye och {'aye ' * (number % 3)}nay")


@pytest.mark.usefixtures("written")
def test_learning_is_shown_switched_and_compared(homeward: Run) -> None:
    learned = homeward("learn", "--yes")
    assert learned.returncode == 0
    assert re.search(r"in use +yes", learned.stdout)
    assert re.search(r"learned from +14 texts", learned.stdout)

    compared = homeward("learned", "compare", "Well?")
    assert re.search(r"off +plain", compared.stdout)
    assert re.search(r"on +learned", compared.stdout)
    assert re.search(r"in use +yes", homeward("learned", "show").stdout)

    listed = homeward("learned", "list").stdout
    assert re.search(r"yes +\+\d\.\d{3} \[\+\d\.\d{3}, .* 14 +2", listed)

    homeward("learned", "off")
    assert homeward("ask", "Well?").stdout == "plain\n"
    homeward("learned", "on")
    assert homeward("ask", "Well?").stdout == "learned\n"


@pytest.mark.usefixtures("written")
def test_a_no_to_choices_alone_leaves_them_out(
    home: Path, homeward: Run, monkeypatch: pytest.MonkeyPatch
) -> None:
    questions: list[str] = []
    monkeypatch.setattr(
        "homeward.cli.commands.learned.agreed", questions.append
    )  # None: not agreed
    assert homeward("learn").returncode != 0

    with open_profile(home / "profiles" / "me", unlock=Passphrase(SECRET)) as profile:
        profile.choices.add("Well?", "Aye.", "It depends.", source=ChoiceSource.EXPLICIT)
        profile.consent.grant(Purpose.LEARN, Category.WRITINGS, shown="May it?")
    learned = homeward("learn")
    assert learned.returncode == 0
    assert re.search(r"learned from +14 texts, 0 of them choices", learned.stdout)
    assert [("writings" in one, "choose" in one) for one in questions] == [
        (True, True),
        (False, True),
    ]


def test_nothing_learned_and_too_little_to_learn_are_said(homeward: Run) -> None:
    for command in ("show", "list"):
        assert "Nothing was trained" in homeward("learned", command).stderr
    refused = homeward("learn", "--yes")
    assert refused.returncode in {1, 2}
    assert "got 0" in refused.stderr
