"""
A learner killed with SIGKILL goes on where it was, and the profile always opens.

HOMEWARD_KILLS says how often; the few of every run are enough to notice a break.
"""

import os
import random
import subprocess
import sys
import time
from pathlib import Path
from types import ModuleType

from homeward_store import (
    Category,
    ChoiceSource,
    Passphrase,
    Purpose,
    create_profile,
    open_profile,
)
from homeward_store.keys.key_derivation import FASTEST

_CHILD = Path(__file__).with_name("learning_child.py")
_SECRET = "correct horse battery staple"


def _profile(folder: Path) -> Path:
    with create_profile(folder, unlock=[Passphrase(_SECRET)], cost=FASTEST).profile as profile:
        profile.consent.grant(Purpose.LEARN, Category.WRITINGS, Category.CHOICES, shown="May it?")
        for number in range(6):
            profile.choices.add(f"{number}?", "aye", "it depends", source=ChoiceSource.EDIT)
        for number in range(30):
            profile.writings.add(f"aye nay aye och {'aye ' * (number % 3)}nay")
    return folder


def _start(folder: Path, weights: Path) -> subprocess.Popen[str]:
    command = [sys.executable, str(_CHILD), str(folder), str(weights), _SECRET]
    environment = os.environ | {"PYTHONPATH": os.pathsep.join(sys.path)}
    return subprocess.Popen(command, stdout=subprocess.PIPE, text=True, env=environment)


def _kill(child: subprocess.Popen[str], rng: random.Random) -> None:
    """Let it make a few steps, then kill it somewhere in the next one."""
    assert child.stdout is not None
    for _ in range(rng.randint(1, 3)):
        child.stdout.readline()
    time.sleep(rng.uniform(0, 0.05))
    child.kill()
    child.stdout.close()
    child.wait()


def test_a_killed_learner_comes_to_the_same_end(tmp_path: Path, tiny_models: ModuleType) -> None:
    rng = random.Random(1)
    weights = tmp_path / "bytes.gguf"
    tiny_models.write("llama", weights, vocabulary=258)
    whole = _start(_profile(tmp_path / "whole"), weights).communicate()[0]
    wanted = whole.strip().rpartition("\n")[2]
    assert wanted.startswith("learned")

    folder = _profile(tmp_path / "killed")
    for _ in range(int(os.environ.get("HOMEWARD_KILLS", "3"))):
        _kill(_start(folder, weights), rng)
        with open_profile(folder, unlock=Passphrase(_SECRET)) as profile:
            assert len(profile.writings.all()) == 30

    # What one more run comes to after kills is what a run without any comes to.
    assert _start(folder, weights).communicate()[0].strip().rpartition("\n")[2] == wanted
