"""A pulled model is whole, whatever stops a pull, and however many run at once."""

import os
import resource
import signal
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path

import pytest

from homeward import models, paths
from homeward.errors import CannotWrite, ModelCorrupt, ModelNotFound
from homeward.models import DownloadProgress, DownloadStage, manifest as manifest_module

from .conftest import CONTENT, Enter

PULL = """
import os, signal, sys
from pathlib import Path
from homeward import models
steps = 0
def progress(_):
    global steps
    steps += 1
    if steps == int(sys.argv[2]):
        os.kill(os.getpid(), signal.SIGKILL)
models.pull("tiny", Path(sys.argv[1]), progress=progress)
"""


def start(program: str, *arguments: object) -> "subprocess.Popen[bytes]":
    environment = os.environ | {"PYTHONPATH": os.pathsep.join(sys.path)}
    command = [sys.executable, "-c", program, *map(str, arguments)]
    return subprocess.Popen(command, env=environment)


def start_pull(home: Path, *, killed_at_step: int = 0) -> "subprocess.Popen[bytes]":
    return start(PULL, home, killed_at_step)


def assert_whole(home: Path) -> None:
    assert models.verify(home) == (models.DownloadVerdict("tiny", ()),)
    assert models.path(home, "tiny").read_bytes() == CONTENT
    assert [entry.name for entry in models.installed(home)] == ["tiny"]
    left = {file.name for file in paths.models_folder(home).iterdir()}
    assert left == {"tiny", ".tiny.lock"}


@pytest.mark.usefixtures("local")
def test_a_local_file_is_copied_and_checked(tmp_path: Path) -> None:
    seen: list[DownloadProgress] = []
    pulled = models.pull("tiny", tmp_path, progress=seen.append)
    assert_whole(tmp_path)
    assert pulled.used == "tiny.gguf"
    assert seen[-1] == DownloadProgress(
        DownloadStage.DOWNLOADING, "tiny.gguf", len(CONTENT), len(CONTENT)
    )


def test_a_changed_local_file_is_refused(tmp_path: Path, local: Path) -> None:
    local.write_bytes(CONTENT[:-1] + b"!")
    with pytest.raises(ModelCorrupt):
        models.pull("tiny", tmp_path)
    assert models.installed(tmp_path) == ()


def test_a_missing_local_file_is_told(tmp_path: Path, local: Path) -> None:
    local.unlink()
    with pytest.raises(ModelNotFound, match=r"tiny\.gguf"):
        models.pull("tiny", tmp_path)


@pytest.mark.usefixtures("local")
def test_a_whole_model_is_not_pulled_again(tmp_path: Path) -> None:
    models.pull("tiny", tmp_path)
    seen: list[DownloadProgress] = []
    models.pull("tiny", tmp_path, progress=seen.append)
    assert {step.stage for step in seen} == {DownloadStage.CHECKING}


@pytest.mark.usefixtures("local")
@pytest.mark.parametrize("step", [1, 2, 3, 4])
def test_an_interrupt_leaves_nothing_half_installed(tmp_path: Path, step: int) -> None:
    steps = 0

    def interrupt(_: DownloadProgress) -> None:
        nonlocal steps
        steps += 1
        if steps == step:
            raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        models.pull("tiny", tmp_path, progress=interrupt)
    assert models.installed(tmp_path) == ()
    with pytest.raises(ModelNotFound):
        models.path(tmp_path, "tiny")
    models.pull("tiny", tmp_path)
    assert_whole(tmp_path)


@pytest.mark.usefixtures("local")
@pytest.mark.parametrize("step", [1, 3])
def test_a_kill_leaves_nothing_half_installed(tmp_path: Path, step: int) -> None:
    assert start_pull(tmp_path, killed_at_step=step).wait() == -signal.SIGKILL
    assert models.installed(tmp_path) == ()
    models.pull("tiny", tmp_path)
    assert_whole(tmp_path)


@pytest.mark.usefixtures("local")
def test_a_crash_between_the_last_steps_is_made_good(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def crash(*_: object) -> None:
        raise KeyboardInterrupt

    with monkeypatch.context() as patch:
        patch.setattr(manifest_module, "write", crash)
        with pytest.raises(KeyboardInterrupt):
            models.pull("tiny", tmp_path)
    assert models.installed(tmp_path) == ()
    models.pull("tiny", tmp_path)
    assert_whole(tmp_path)


@pytest.mark.usefixtures("local")
def test_a_pull_waits_for_another_process_that_pulls_the_same(tmp_path: Path) -> None:
    begun, go = tmp_path / "begun", tmp_path / "go"
    holding = (
        "import sys, time; from pathlib import Path; from homeward import models\n"
        "def progress(_):\n"
        "    Path(sys.argv[2]).touch()\n"
        "    while not Path(sys.argv[3]).exists(): time.sleep(0.01)\n"
        "models.pull('tiny', Path(sys.argv[1]), progress=progress)\n"
    )
    other = start(holding, tmp_path, begun, go)
    while not begun.exists():
        assert other.poll() is None
        time.sleep(0.01)
    stages = []

    def progress(step: DownloadProgress) -> None:
        stages.append(step.stage)
        go.touch()

    models.pull("tiny", tmp_path, progress=progress)
    assert other.wait() == 0
    assert stages == [
        DownloadStage.WAITING,
        DownloadStage.CHECKING,
    ]  # and it takes what the other brought
    assert_whole(tmp_path)


@pytest.mark.usefixtures("local")
def test_pulls_at_once_do_not_disturb_each_other(tmp_path: Path) -> None:
    pulls = [start_pull(tmp_path) for _ in range(3)]
    assert [pull.wait() for pull in pulls] == [0, 0, 0]
    assert_whole(tmp_path)


def _cut(file: Path) -> None:
    file.write_bytes(file.read_bytes()[:-1])


def _flip(file: Path) -> None:
    content = bytearray(file.read_bytes())
    content[1000] ^= 1
    file.write_bytes(content)


@pytest.mark.usefixtures("local")
@pytest.mark.parametrize("damage", [_cut, _flip, Path.unlink])
def test_damage_is_found_and_pulled_away(tmp_path: Path, damage: Callable[[Path], None]) -> None:
    models.pull("tiny", tmp_path)
    damage(models.path(tmp_path, "tiny"))
    assert models.verify(tmp_path) == (models.DownloadVerdict("tiny", ("tiny.gguf",)),)
    models.pull("tiny", tmp_path)
    assert_whole(tmp_path)


@pytest.mark.usefixtures("local")
@pytest.mark.parametrize("damage", [_cut, Path.unlink])
def test_a_path_to_a_file_of_another_size_is_not_given_out(
    tmp_path: Path, damage: Callable[[Path], None]
) -> None:
    models.pull("tiny", tmp_path)
    damage(models.path(tmp_path, "tiny"))
    with pytest.raises(ModelCorrupt, match="pull tiny again"):
        models.path(tmp_path, "tiny")


@pytest.mark.usefixtures("local")
@pytest.mark.parametrize("text", ["", "{", "[]", '{"format": 2}', '{"format": 1, "name": "tiny"}'])
def test_a_damaged_manifest_is_found_and_pulled_away(tmp_path: Path, text: str) -> None:
    models.pull("tiny", tmp_path)
    (paths.models_folder(tmp_path) / "tiny" / "manifest.json").write_text(text)
    with pytest.raises(ModelCorrupt):
        models.path(tmp_path, "tiny")
    assert models.verify(tmp_path) == (models.DownloadVerdict("tiny", ("manifest.json",)),)
    models.pull("tiny", tmp_path)
    assert_whole(tmp_path)


def test_a_model_with_another_pin_is_pulled_again(
    tmp_path: Path, local: Path, enter: Enter
) -> None:
    models.pull("tiny", tmp_path)
    newer = CONTENT[::-1]
    local.write_bytes(newer)
    enter(f"folder = '{local.parent.parent}'", content=newer)
    models.pull("tiny", tmp_path)
    assert models.path(tmp_path, "tiny").read_bytes() == newer


def test_a_gguf_file_of_ones_own_is_used_where_it_lies(tmp_path: Path) -> None:
    own = tmp_path / "own.gguf"
    with pytest.raises(ModelNotFound):
        models.path(tmp_path, str(own))
    own.write_bytes(b"GGUF")
    assert models.path(tmp_path, str(own)) == own


@pytest.mark.usefixtures("local")
def test_a_file_in_the_folders_way_is_told(tmp_path: Path) -> None:
    paths.models_folder(tmp_path).write_text("in the way")
    with pytest.raises(CannotWrite, match="models"):
        models.pull("tiny", tmp_path)


@pytest.mark.usefixtures("local")
@pytest.mark.skipif(os.geteuid() == 0, reason="root may write anywhere")
def test_a_folder_without_permission_is_told(tmp_path: Path) -> None:
    folder = paths.models_folder(tmp_path)
    folder.mkdir(mode=0o500)
    with pytest.raises(CannotWrite, match="models"):
        models.pull("tiny", tmp_path)


@pytest.mark.usefixtures("local")
def test_a_disk_that_takes_no_more_is_told_and_nothing_is_installed(tmp_path: Path) -> None:
    # The limit on file sizes makes the same failing write as a full disk, without one.
    before = resource.getrlimit(resource.RLIMIT_FSIZE)
    resource.setrlimit(resource.RLIMIT_FSIZE, (1_000_000, before[1]))
    try:
        with pytest.raises(CannotWrite):
            models.pull("tiny", tmp_path)
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, before)
    assert models.installed(tmp_path) == ()
    models.pull("tiny", tmp_path)
    assert_whole(tmp_path)


def test_a_model_larger_than_the_free_space_is_not_begun(tmp_path: Path, enter: Enter) -> None:
    enter("folder = '/'")
    own = paths.own_entries(tmp_path)
    own.write_text(own.read_text().replace(f"bytes = {len(CONTENT)}", f"bytes = {10**18}"))
    with pytest.raises(CannotWrite, match="free"):
        models.pull("tiny", tmp_path, anyway=True)


@pytest.mark.parametrize("name", ["", "../tiny", "no-such", "/etc"])
def test_names_that_are_not_in_the_catalogue_are_told(tmp_path: Path, name: str) -> None:
    for call in (models.pull, lambda name, home: models.path(home, name)):
        with pytest.raises(ModelNotFound):
            call(name, tmp_path)


def test_a_file_that_is_no_model_is_called_what_it_is(tmp_path: Path) -> None:
    (tmp_path / "notes.txt").write_text("I own a bike.")

    with pytest.raises(ModelCorrupt, match=r"notes\.txt is a file, and no GGUF file"):
        models.path(tmp_path, str(tmp_path / "notes.txt"))
