"""The tutorial's script runs as it stands, on the real models, and streams."""

import os
import re
import subprocess
import sys
from pathlib import Path

import pytest
from benchmarks.first_answers import CAT, FIRST_ANSWERS, FirstAnswer
from benchmarks.newcomer import commands, script

ROOT = Path(__file__).parents[1]


@pytest.mark.model
def test_the_script_runs_twice(models_home: Path, tmp_path: Path) -> None:
    (tmp_path / "models").symlink_to(models_home / "models")
    (tmp_path / "hello.py").write_text(script(), encoding="utf-8")

    first, second = (run(tmp_path) for _ in range(2))

    assert "Write this down:" in first
    assert "Write this down:" not in second
    for printed in (first, second):
        assert "Used: ['My cat is called Miso, and she hates the vacuum cleaner.']" in printed
        assert printed.partition("\nUsed:")[0].split()  # drawn at random, so not held to a word


@pytest.mark.model
def test_what_is_appended_to_the_script_forgets_what_it_used(
    models_home: Path, tmp_path: Path
) -> None:
    (tmp_path / "models").symlink_to(models_home / "models")
    (tmp_path / "hello.py").write_text(script() + script("forget"), encoding="utf-8")

    assert re.search(r"complete \{.*'memory': 1.*'note': 1", run(tmp_path))


def test_the_path_is_as_short_as_it_says() -> None:
    assert len(commands()) == 5
    assert len([line for line in script().splitlines() if line.strip()]) <= 13


def test_a_reply_is_right_only_where_it_says_the_fact() -> None:
    for right in ("Your cat's name is Miso.", "Your cat is called Miso. She", "Miso.", "'Miso'."):
        assert CAT.is_right(right)
    for wrong in (
        "Miso is a Japanese word.",
        "Your cat likes Miso soup.",
        "Your cat is not called Miso.",
        "Your cat is called Miso soup.",
        "I do not know.",
        "",
    ):
        assert not CAT.is_right(wrong)
    peanuts = FIRST_ANSWERS[1]
    assert peanuts.is_right("You are allergic to peanuts.")
    assert not peanuts.is_right("Your allergy to peanuts is not an allergic reaction.")
    assert not peanuts.is_right("I'm allergic to peanuts.")


@pytest.mark.parametrize("one", FIRST_ANSWERS)
def test_what_is_asked_twenty_times_is_what_the_page_says(one: FirstAnswer) -> None:
    page = (ROOT / one.page).read_text("utf-8")

    assert {f'"{one.told}"', f'"{one.asked}"'} <= set(re.findall(r'"[^"\n]*"', page))


def run(folder: Path) -> str:
    environment = os.environ | {"HOMEWARD_HOME": str(folder), "HOMEWARD_THREADS": "1"}
    done = subprocess.run(
        [sys.executable, "hello.py"],
        cwd=folder,
        env=environment,
        capture_output=True,
        text=True,
        timeout=120,
        check=False,
    )
    assert done.returncode == 0, done.stderr
    return done.stdout
