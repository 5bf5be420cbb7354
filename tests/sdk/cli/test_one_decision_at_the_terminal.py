"""At the terminal the table of use contexts decides, as it does everywhere else."""

from pathlib import Path

import pytest
from tests.sdk.cli.conftest import SECRET, Run
from tests.use_contexts import CASES, KINDS, Case, remembered

from homeward.assistant import Assistant
from homeward.ports import Embedder
from homeward.settings import ModelLoaders
from homeward.testing import ScriptedModel
from homeward_store import Category, Passphrase, Purpose, open_profile

pytestmark = pytest.mark.model


def opened(home: Path, embedder: Embedder) -> Assistant:
    profile = open_profile(home / "profiles" / "me", unlock=Passphrase(SECRET))
    return Assistant(profile, ModelLoaders(ScriptedModel, lambda: embedder))


def found(homeward: Run, case: Case) -> bool:
    return f"the {KINDS[case.kind][0]} lamp" in searched(homeward, case)


def searched(homeward: Run, case: Case) -> str:
    reader = ("--audience", case.audience, "--purpose", case.purpose)
    return homeward("memories", "search", case.question, *reader).stdout


def test_a_search_decides_as_the_table_says(
    homeward: Run, with_models: Path, minilm: Embedder
) -> None:
    with opened(with_models, minilm) as me:
        remembered(me)

    wrong = [case for case in CASES if case.consent and found(homeward, case) != case.told]

    assert wrong == []


def test_a_list_for_an_audience_decides_as_the_table_says(
    homeward: Run, with_models: Path, minilm: Embedder
) -> None:
    with opened(with_models, minilm) as me:
        remembered(me)

    for use_context in sorted({(one.audience, one.purpose) for one in CASES}):
        audience, purpose = use_context
        listed = homeward("memories", "list", "--audience", audience, "--purpose", purpose).stdout
        for case in CASES:
            if (case.audience, case.purpose) == use_context and case.asks == "me" and case.consent:
                assert (f"the {KINDS[case.kind][0]} lamp" in listed) == case.told, case


def test_without_consent_to_answer_nothing_is_found(
    homeward: Run, with_models: Path, minilm: Embedder
) -> None:
    with opened(with_models, minilm) as me:
        remembered(me)
        me.profile.consent.withdraw(Purpose.ANSWER, Category.MEMORIES)

    for case in (one for one in CASES if not one.consent):
        assert "lamp" not in searched(homeward, case)
