"""The note-taking app on the real models: it keeps writings, finds them, learns and goes on."""

import re
from pathlib import Path

import pytest
from tests.examples.conftest import RunExample

pytestmark = pytest.mark.model

DIARY = [
    "Up at six. Fog on the lake, so thick I heard the ferry before I saw it.",
    "Bread again, darker this time. Third loaf this week and the best so far.",
    "Walked the ridge with Tom. He talks, I count larks. Eleven today.",
    "Rain. Read all day by the stove, feet on the cat, cat on the rug.",
]


@pytest.fixture
def diary(tmp_path: Path) -> list[str]:
    """Return 28 files: enough to learn from."""
    files = [tmp_path / f"day-{number:02}.txt" for number in range(28)]
    for number, file in enumerate(files):
        file.write_text(f"Day {number}. {DIARY[number % len(DIARY)]}\n")
    return [str(file) for file in files]


def test_notes_are_kept_found_and_written_on(example: RunExample, diary: list[str]) -> None:
    added = example("notes.py", "ada", "add", *diary)
    again = example("notes.py", "ada", "add", *diary)
    found = example("notes.py", "ada", "find", "fog on the lake", "--most", "2")
    draft = example("notes.py", "ada", "draft", "the ferry", "--words", "20")

    assert "28 texts added, 0 were here already." in added.stdout, added.stderr
    assert "0 texts added, 28 were here already." in again.stdout
    assert found.stdout.count("Fog on the lake") >= 1
    assert "[without a learned style]" in draft.stdout
    assert "[from your own:" in draft.stdout, draft.stderr


@pytest.mark.timeout(1300)  # of processor time it takes half a minute, but learning gives way
def test_learning_stops_in_time_and_goes_on(example: RunExample, diary: list[str]) -> None:
    example("notes.py", "ada", "add", *diary)

    refused = example("notes.py", "ada", "learn", "--seconds", "5", typed=("n",))
    begun = example("notes.py", "ada", "learn", "--seconds", "10", "--yes")
    further = example("notes.py", "ada", "learn", "--seconds", "18")

    assert "learning:" not in refused.stdout
    assert "`learn` with more seconds goes on" in begun.stdout, begun.stderr
    first, second = (last_share(done.stdout) for done in (begun, further))
    assert second > first


def test_too_few_texts_are_said_to_be_too_few(example: RunExample, diary: list[str]) -> None:
    example("notes.py", "ada", "add", *diary[:3])

    done = example("notes.py", "ada", "learn", "--yes")

    assert "Not yet:" in done.stdout, done.stderr


def last_share(printed: str) -> int:
    return int(re.findall(r"learning:\s+(\d+)%", printed)[-1])
