"""`python -m demo`: plays two acts, each in a new process, and ends in a chat at a terminal."""

import argparse
import os
import subprocess
import sys
from pathlib import Path

from demo import acts, stage
from demo.person import NAME
from homeward import ModelError, StoreError, paths
from homeward.cli.errors import exit_code, explain
from homeward.cli.render import stderr, stdout

_ACTS = {"meet": (stage.create, acts.meet), "come-back": (stage.reopen, acts.come_back)}


def main() -> int:
    """Play the demo, or one act of it; 0 if everything that was promised held."""
    given = _arguments()
    try:
        if given.act is None:
            return _play(given.folder, given.threads)
        open_assistant, act = _ACTS[given.act]
        with open_assistant(given.folder, threads=given.threads) as ada:
            return 0 if act(ada, stdout()) else 1
    except (StoreError, ModelError, ValueError) as error:
        stderr().print(f"demo: {explain(error)}", soft_wrap=True)
        return exit_code(error)


def _arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="python -m demo", description=__doc__)
    parser.add_argument("act", nargs="?", choices=_ACTS, help="play this act only")
    parser.add_argument("--folder", type=Path, default=stage.DEFAULT_FOLDER)
    parser.add_argument("--threads", type=int, default=None)
    return parser.parse_args()


def _play(folder: Path, threads: int | None) -> int:
    stage.build(folder)
    options = [] if threads is None else [f"--threads={threads}"]
    for act in _ACTS:
        played = subprocess.run(
            [sys.executable, "-m", "demo", act, f"--folder={folder}", *options], check=False
        )
        if played.returncode:
            return played.returncode
    return _chat(folder, options)


def _chat(folder: Path, options: list[str]) -> int:
    settings = {
        paths.HOME_VARIABLE: str(folder),
        "HOMEWARD_PASSPHRASE_FILE": str(stage.passphrase_file(folder)),
    }
    command = [*options, "--person", NAME, "chat"]
    if not sys.stdin.isatty():
        shown = " ".join([f"{key}={value}" for key, value in settings.items()])
        stdout().print(f"\nTalk on with:\n  {shown} homeward {' '.join(command)}", soft_wrap=True)
        return 0
    acts.scene(stdout(), "Your turn:")
    return subprocess.run(
        [sys.executable, "-m", "homeward.cli", *command], env=os.environ | settings, check=False
    ).returncode


if __name__ == "__main__":
    sys.exit(main())
