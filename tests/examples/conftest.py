"""A person's data folder as an example finds it: the pulled models, a passphrase in a file."""

import os
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest

EXAMPLES = Path(__file__).parents[2] / "examples"

Done = subprocess.CompletedProcess[str]
RunExample = Callable[..., Done]


@pytest.fixture
def home(tmp_path: Path, models_home: Path) -> Path:
    """Return a data folder without a profile."""
    (tmp_path / "models").symlink_to(models_home / "models")
    (tmp_path / "passphrase").write_text("correct horse battery staple\n")
    return tmp_path


@pytest.fixture
def environment(home: Path) -> dict[str, str]:
    """Return what the person's shell would give to it."""
    return os.environ | {
        "HOMEWARD_HOME": str(home),
        "HOMEWARD_PASSPHRASE_FILE": str(home / "passphrase"),
        "HOMEWARD_THREADS": "1",
        "OMP_NUM_THREADS": "1",
    }


@pytest.fixture
def example(environment: dict[str, str]) -> RunExample:
    """Return a function that runs a file of examples/ as a person would, with lines to type."""

    def run(*command: str, typed: tuple[str, ...] = ()) -> Done:
        return subprocess.run(
            [sys.executable, str(EXAMPLES / command[0]), *command[1:]],
            input="".join(f"{line}\n" for line in typed),
            env=environment,
            capture_output=True,
            text=True,
            timeout=600,
            check=False,
        )

    return run
