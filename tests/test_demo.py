"""The demo plays to its end on the real models, and what it prints is what happened."""

import os
import re
import subprocess
import sys
from pathlib import Path

import pytest


@pytest.mark.model
def test_the_demo_knows_ada_and_forgets_on_request(models_home: Path, tmp_path: Path) -> None:
    done = play(tmp_path / "stage", models_home)

    assert done.returncode == 0, done.stderr
    score = re.search(r"Right without: (\d) of 6. With: (\d) of 6.", done.stdout)
    assert score is not None
    without, with_ = map(int, score.groups())
    assert with_ >= 5
    assert without <= 1
    assert "Complete, and signed" in done.stdout
    assert re.search(r"[1-9]\d* before, 0 now", done.stdout)
    [again] = re.findall(r"talk with Ada's assistant again:\n  (.+)\n", done.stdout)
    assert "Bristol" in pasted(again.replace(" chat", " profile show"))


def pasted(line: str) -> str:
    """Return what the line prints in a fresh shell, in another folder."""
    shell = {key: value for key, value in os.environ.items() if not key.startswith("HOMEWARD")}
    done = subprocess.run(
        ["sh", "-c", line],
        env=shell | {"COLUMNS": "120"},
        cwd="/",
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stderr
    return done.stdout


def test_the_demo_leaves_a_folder_alone_that_is_not_its_own(tmp_path: Path) -> None:
    (tmp_path / "thesis.txt").touch()

    done = play(tmp_path, tmp_path)

    assert done.returncode == 2
    assert "left as it is" in done.stderr
    assert (tmp_path / "thesis.txt").exists()


def test_the_demo_says_when_the_models_were_not_pulled(tmp_path: Path) -> None:
    done = play(tmp_path / "stage", tmp_path)

    assert done.returncode == 1
    assert "`homeward models pull`" in done.stderr
    assert "Traceback" not in done.stderr


def play(folder: Path, home: Path) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, "-m", "demo", f"--folder={folder}", "--threads=1"],
        cwd=Path(__file__).parents[1],
        env=os.environ | {"HOMEWARD_HOME": str(home), "COLUMNS": "120"},
        stdin=subprocess.DEVNULL,
        capture_output=True,
        text=True,
        timeout=280,
        check=False,
    )
