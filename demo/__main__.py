"""`python -m demo`: plays two acts, each in a new process, and ends in a chat at a terminal."""

import argparse
import os
import shlex
import subprocess
import sys
from pathlib import Path

from demo import acts, stage
from homeward import ERRORS, paths
from homeward.cli.errors import exit_code, explain
from homeward.cli.render import plain, stderr, stdout

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
    except ERRORS as error:
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
    command = [*options, "chat"]
    done = 0
    if sys.stdin.isatty():
        acts.scene(stdout(), "Your turn:")
        done = subprocess.run(
            [sys.executable, "-m", "homeward.cli", *command], env=os.environ | settings, check=False
        ).returncode
    _show("To talk with Ada's assistant again:", _pasted(settings, *command))
    home = paths.home()
    own = {} if home == paths.default_home() else {paths.HOME_VARIABLE: str(home)}
    create, chat = _pasted(own, "profile", "create"), _pasted(own, "chat")
    _show("To make an assistant of your own, and talk with it:", f"{create} && {chat}")
    return done


def _pasted(settings: dict[str, str], *command: str) -> str:
    """Return a line that runs `homeward` from any folder and any shell of Linux or macOS."""
    variables = [f"{key}={value}" for key, value in settings.items()]
    homeward = str(Path(sys.executable).with_name("homeward"))
    return shlex.join([*(["env", *variables] if variables else []), homeward, *command])


def _show(what: str, line: str) -> None:
    stdout().print(f"\n{what}")
    stdout().print(plain(f"  {line}"), soft_wrap=True)


if __name__ == "__main__":
    sys.exit(main())
