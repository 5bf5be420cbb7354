"""`homeward watch` at the terminal: added, caught up, listed, ended."""

import json
import signal
import subprocess
import sys
from pathlib import Path

import pytest
from tests.sdk.cli.conftest import Run


@pytest.fixture
def _models(home: Path, models_home: Path) -> None:
    (home / "models").symlink_to(models_home / "models")


@pytest.fixture
def notes(tmp_path: Path) -> Path:
    """Return a folder with a note and a file that cannot be read."""
    folder = tmp_path / "notes"
    folder.mkdir()
    (folder / "boat.md").write_text("The boat is moored at Aldermere.")
    (folder / "broken.json").write_text("[{")
    return folder


@pytest.mark.usefixtures("_models")
def test_a_folder_is_added_caught_up_listed_and_ended(homeward: Run, notes: Path) -> None:
    once = homeward("-p", "me", "watch", str(notes), "--once", "--forget-deleted")
    listed = homeward("-p", "me", "watch", "--list", "--json")
    shown = homeward("-p", "me", "watch", "--list")
    ended = homeward("-p", "me", "watch", str(notes), "--end")
    without = homeward("-p", "me", "watch")

    assert "boat.md: memories: 1." in once.stdout, once.stderr
    assert "broken.json" in once.stdout
    [row] = json.loads(listed.stdout)
    assert (row["folder"], row["files"], row["left_out"]) == (str(notes), 2, 1)
    assert row["forget_deleted"] is True
    assert "Left out of broken.json: 1" in shown.stdout
    assert "No folder is watched." in ended.stderr
    assert without.returncode == 2
    assert "homeward watch FOLDER" in without.stderr


@pytest.mark.usefixtures("_models")
def test_ctrl_c_ends_watching(environment: dict[str, str], notes: Path) -> None:
    pytest.importorskip("watchfiles")
    command = [sys.executable, "-m", "homeward.cli", "-p", "me", "watch", str(notes)]
    with subprocess.Popen(command, env=environment, stdout=subprocess.PIPE, text=True) as process:
        assert process.stdout is not None
        assert process.stdout.readline().startswith("boat.md")
        process.send_signal(signal.SIGINT)
        process.communicate(timeout=60)
    assert process.returncode == 0
