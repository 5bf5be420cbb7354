"""The terminal assistant on the real model: it knows, says why, offers a choice, and forgets."""

import re
from pathlib import Path

import pytest
from tests.examples.conftest import RunExample

from homeward_store import ChoiceSource, Passphrase, Profiles

pytestmark = pytest.mark.model


def test_an_evening_at_the_terminal(example: RunExample, home: Path) -> None:
    done = example(
        "terminal.py",
        "ada",
        typed=(
            "My sister Nora lives in Bergen.",
            "Where does my sister live?",
            "/why",
            "/other",
            "1",
            "/forget Bergen",
        ),
    )

    assert done.returncode == 0, done.stderr
    assert re.search(r"Write this down.*\n\s+[0-9A-Z]{4}(-[0-9A-Z]{4}){6}", done.stdout)
    assert "remembered: My sister Nora lives in Bergen." in done.stdout
    assert re.search(r"receipt 1, complete: erased .*memory", done.stdout)
    with Profiles(home / "profiles").open(
        "ada", unlock=Passphrase("correct horse battery staple")
    ) as profile:
        assert [one.source for one in profile.choices.all()] in ([], [ChoiceSource.EXPLICIT])
        assert profile.memories.match("Bergen", limit=5) == []


def test_a_second_visit_needs_no_new_profile(example: RunExample) -> None:
    example("terminal.py", "ada", typed=("I am allergic to peanuts.",))

    again = example("terminal.py", "ada", typed=("What am I allergic to?", "/why"))

    assert "Write this down" not in again.stdout
    assert "remembered: I am allergic to peanuts." in again.stdout
