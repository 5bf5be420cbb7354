"""A data folder with one profile, and the command line as a process of its own."""

import io
import os
import signal
import subprocess
import sys
from collections.abc import Callable, Iterator
from contextlib import redirect_stderr, redirect_stdout
from pathlib import Path

import pexpect
import pytest

from homeward.cli.app import app
from homeward_store import Passphrase, create_profile
from homeward_store.keys.key_derivation import FASTEST

SECRET = "correct horse battery staple"

Done = subprocess.CompletedProcess[str]
Run = Callable[..., Done]
Start = Callable[..., "pexpect.spawn[str]"]


@pytest.fixture
def home(tmp_path: Path) -> Path:
    """Return a data folder with a profile called "me", and the file with its passphrase."""
    folder = tmp_path / "home"
    made = create_profile(folder / "profiles" / "me", unlock=[Passphrase(SECRET)], cost=FASTEST)
    made.profile.close()
    (folder / "passphrase").write_text(f"{SECRET}\n")
    return folder


@pytest.fixture
def environment(home: Path) -> dict[str, str]:
    """Return what a person's shell would give to the command line."""
    return os.environ | {
        "HOMEWARD_HOME": str(home),
        "HOMEWARD_PASSPHRASE_FILE": str(home / "passphrase"),
        "HOMEWARD_THREADS": "1",
        "COLUMNS": "100",
    }


@pytest.fixture
def process(environment: dict[str, str]) -> Run:
    """Return a function that runs `homeward` in a process of its own."""

    def run(*arguments: str, stdin: bytes = b"", **changed: str) -> Done:
        done = subprocess.run(
            [sys.executable, "-m", "homeward.cli", *arguments],
            input=stdin,
            env=environment | changed,
            capture_output=True,
            timeout=120,
            check=False,
        )
        return Done(done.args, done.returncode, done.stdout.decode(), done.stderr.decode())

    return run


@pytest.fixture
def homeward(environment: dict[str, str], monkeypatch: pytest.MonkeyPatch) -> Run:
    """Return what `process` does, but in this process: a second faster."""

    def run(*arguments: str, stdin: bytes = b"", **changed: str) -> Done:
        out, err, code = io.StringIO(), io.StringIO(), 0
        with monkeypatch.context() as patch:
            for name, value in (environment | changed).items():
                patch.setenv(name, value)
            patch.setattr(sys, "stdin", io.TextIOWrapper(io.BytesIO(stdin)))
            with redirect_stdout(out), redirect_stderr(err):
                try:
                    app(list(arguments), prog_name="homeward")
                except SystemExit as left:
                    code = int(left.code or 0)
        return Done(list(arguments), code, out.getvalue(), err.getvalue())

    return run


def _hear_control_c() -> None:
    """A shell starts what it runs in the background with SIGINT ignored; its children inherit."""
    signal.signal(signal.SIGINT, signal.SIG_DFL)


@pytest.fixture
def terminal(environment: dict[str, str]) -> Iterator[Start]:
    """Return a function that starts a command at a terminal of its own."""
    started = []

    def start(*command: str, **changed: str) -> "pexpect.spawn[str]":
        child = pexpect.spawn(
            sys.executable,
            list(command),
            env=environment | {"TERM": "xterm"} | changed,
            encoding="utf-8",
            timeout=60,
            dimensions=(40, 100),
            preexec_fn=_hear_control_c,
        )
        started.append(child)
        return child

    yield start
    for child in started:
        child.close(force=True)


@pytest.fixture
def with_models(home: Path, models_home: Path) -> Path:
    """Return the data folder with the pulled models in it."""
    (home / "models").symlink_to(models_home / "models")
    return home
