"""The wheel holds the packages whole, installs without the checkout, and offers its extras."""

import email.parser
import os
import subprocess
import sys
import tomllib
import zipfile
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[1]
SOURCES = (ROOT / "sdk", ROOT / "local_store", ROOT / "federated")


@pytest.fixture(scope="module")
def wheel(tmp_path_factory: pytest.TempPathFactory) -> Path:
    pytest.importorskip("hatchling")
    folder = tmp_path_factory.mktemp("dist")
    command = [sys.executable, "-m", "hatchling", "build", "-t", "wheel", "-d", str(folder)]
    subprocess.run(command, cwd=ROOT, check=True, capture_output=True)
    [built] = folder.glob("*.whl")
    return built


@pytest.fixture(scope="module")
def installed(wheel: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Return a folder with the wheel installed; its dependencies are those of the tests."""
    folder = tmp_path_factory.mktemp("installed")
    options = ["--no-deps", "--no-index", "--quiet", "--target", str(folder)]
    command = [sys.executable, "-m", "pip", "install", *options, str(wheel)]
    subprocess.run(command, check=True, capture_output=True)
    return folder


def run(installed: Path, home: Path, *command: str) -> subprocess.CompletedProcess[str]:
    environment = os.environ | {"PYTHONPATH": str(installed), "HOMEWARD_HOME": str(home)}
    return subprocess.run(
        [sys.executable, *command],
        cwd=home,
        env=environment,
        capture_output=True,
        text=True,
        check=False,
    )


def test_every_file_of_the_packages_is_in_the_wheel(wheel: Path) -> None:
    there = {
        one.relative_to(source).as_posix()
        for source in SOURCES
        for one in source.rglob("*")
        if one.is_file() and "__pycache__" not in one.parts and ".egg-info" not in str(one)
    }

    packed = {name for name in zipfile.ZipFile(wheel).namelist() if ".dist-info/" not in name}

    assert packed == there
    assert {f"{one}/py.typed" for one in ("homeward", "homeward_store", "homeward_federated")} <= (
        packed
    )


def test_the_extras_are_those_that_the_documents_name(wheel: Path) -> None:
    [name] = [one for one in zipfile.ZipFile(wheel).namelist() if one.endswith("/METADATA")]
    metadata = email.parser.Parser().parsestr(zipfile.ZipFile(wheel).read(name).decode())

    extras = set(metadata.get_all("Provides-Extra") or ())

    assert {"desktop", "documents", "federated", "keychain", "mcp", "serve", "watch"} <= extras
    assert not [one for one in metadata.get_all("Requires-Dist") or () if "torch" in one]


def test_the_installed_wheel_runs_without_the_checkout(installed: Path, tmp_path: Path) -> None:
    version = tomllib.loads((ROOT / "pyproject.toml").read_text())["project"]["version"]
    where = "import homeward, homeward_store; print(homeward.__file__, homeward_store.__file__)"

    place = run(installed, tmp_path, "-c", where)
    shown = run(installed, tmp_path, "-m", "homeward.cli", "--version")
    models = run(installed, tmp_path, "-m", "homeward.cli", "models", "list")

    assert place.stdout.count(str(installed)) == 2, place.stderr
    assert shown.stdout.strip() == f"homeward {version}", shown.stderr
    assert "smollm2-135m" in models.stdout, models.stderr
