"""A data folder with one profile, an empty home, and children that are watched from outside."""

import os
import signal
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest
from benchmarks.watch import Seen, judged, traced, why_not

from homeward_store import Passphrase, create_profile
from homeward_store.keys.key_derivation import FASTEST

SECRET = "correct horse battery staple"
HOMEWARD = [sys.executable, "-m", "homeward.cli", "-p", "ada"]


@pytest.fixture(scope="session", autouse=True)
def can_watch() -> None:
    """Say loudly that nothing was watched; where everything has to be checked, fail."""
    if reason := why_not():
        if os.environ.get("CI") == "true" and sys.platform == "linux":
            pytest.fail(reason)
        pytest.skip(reason)


class Place:
    """Three folders: what Homeward may write, what is temporary, and a home that stays empty."""

    def __init__(self, root: Path) -> None:
        self.data, self.temporary = root / "data", root / "tmp"
        self.home, self.work, self.trace = root / "home", root / "work", root / "trace"
        for folder in (self.data, self.temporary, self.home, self.work):
            folder.mkdir()
        self.environment = {
            "PATH": os.environ["PATH"],
            "PYTHONPATH": os.environ.get("PYTHONPATH", ""),
            "PYTHONDONTWRITEBYTECODE": "1",  # else a first import writes beside the module
            "HOME": str(self.home),
            "TMPDIR": str(self.temporary),
            "HOMEWARD_HOME": str(self.data),
            "HOMEWARD_PASSPHRASE_FILE": str(self.data / "passphrase"),
            "HOMEWARD_THREADS": "1",
        }

    def traced(self, command: list[str]) -> list[str]:
        """Return the command that runs `command` under the watch."""
        return traced(self.trace, command)

    def seen(self) -> Seen:
        """What was seen, once the child has ended."""
        return judged(self.trace, allowed=[self.data, self.temporary], cwd=self.work)

    def run(self, *command: str, sent: str = "") -> str:
        """Run a child to its end under the watch; return what it printed."""
        done = subprocess.run(
            self.traced(list(command)),
            cwd=self.work,
            env=self.environment,
            input=sent,
            capture_output=True,
            text=True,
            timeout=280,
            check=False,
        )
        assert done.returncode == 0, done.stdout + done.stderr
        return done.stdout

    @contextmanager
    def serving(self, *command: str) -> Iterator[subprocess.Popen[str]]:
        """Run a server under the watch until the block ends."""
        with subprocess.Popen(
            self.traced(list(command)),
            cwd=self.work,
            env=self.environment,
            stderr=subprocess.PIPE,
            text=True,
        ) as process:
            yield process
            # To the server itself: strace would detach. Its first line begins with the number.
            os.kill(int(self.trace.read_text().split()[0]), signal.SIGINT)
            process.communicate(timeout=60)


@pytest.fixture
def place(tmp_path: Path) -> Place:
    """Return the folders, without models."""
    return Place(tmp_path)


@pytest.fixture
def lived_in(place: Place, models_home: Path) -> Place:
    """Return the folders with Ada's profile and the real models."""
    folder = place.data / "profiles" / "ada"
    create_profile(folder, unlock=[Passphrase(SECRET)], cost=FASTEST).profile.close()
    (place.data / "passphrase").write_text(SECRET)
    (place.data / "models").symlink_to(models_home / "models")
    return place


def clean(place: Place) -> None:
    """Nothing left, nothing was looked up, nothing was written where it should not be."""
    seen = place.seen()
    assert (dict(seen.sockets), dict(seen.lookups), dict(seen.stray)) == ({}, {}, {})
    assert seen.calls > 100  # it was watched at all
    assert list(place.home.iterdir()) == []
    assert list(place.work.iterdir()) == []
