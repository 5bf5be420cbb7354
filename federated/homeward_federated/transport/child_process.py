"""
Starts processes for the federation; no other module of this package starts any.

The folder that the person happens to stand in is not on their path, since a file there could be
imported in a module's place; and of the environment they are given named variables only, since
others hold what is none of their business: keys, tokens, the addresses of services. The SDK has a
module of the same name and rule, for neither package may lean on the other's inside.
"""

import ctypes
import os
import subprocess
import sys
from collections.abc import Iterable, Sequence
from pathlib import Path
from typing import IO, NoReturn

Process = subprocess.Popen[bytes]
TimeoutExpired = subprocess.TimeoutExpired
_PR_SET_DUMPABLE = 4  # linux/prctl.h
Done = subprocess.CompletedProcess[str]

# Folders that are searched; a relative entry, or an empty one, means the one the person stands in.
_SEARCHED = (
    *("PATH", "PYTHONPATH", "LD_LIBRARY_PATH"),
    *("DYLD_LIBRARY_PATH", "DYLD_FALLBACK_LIBRARY_PATH"),
)
# Where temporary and own files lie, and how text is encoded.
_PLAIN = (
    *("HOME", "TMPDIR", "LANG", "LC_ALL", "LC_CTYPE"),
    *("PYTHONHOME", "PYTHONDONTWRITEBYTECODE", "PYTHONPYCACHEPREFIX", "PYTHONUTF8"),
    # Windows: its own folders, and what it looks for in them
    *("SYSTEMROOT", "SYSTEMDRIVE", "WINDIR", "COMSPEC", "PATHEXT", "TEMP", "TMP"),
    *("USERPROFILE", "APPDATA", "LOCALAPPDATA", "PROGRAMDATA"),
)


# For programs that start a Python of their own: what `-P` says where we write the command.
_NO_FOLDER = {"PYTHONSAFEPATH": "1"}


def environment(
    names: Iterable[str] = (), settings: dict[str, str] | None = None
) -> dict[str, str]:
    """Return what a child is given: the usual variables and those of `names`, then `settings`."""
    plain = {name: os.environ[name] for name in (*_PLAIN, *names) if name in os.environ}
    searched = {name: _absolute(os.environ.get(name, "")) for name in _SEARCHED}
    return plain | {name: value for name, value in searched.items() if value} | (settings or {})


def searched(*, first: Path) -> str:
    """Return the PATH of a child that looks for programs in `first` before all else."""
    return os.pathsep.join([str(first.absolute()), _absolute(os.environ.get("PATH", ""))])


def _absolute(folders: str) -> str:
    entries = folders.split(os.pathsep)
    return os.pathsep.join(entry for entry in entries if Path(entry).is_absolute())


def start_module(module: str, *, names: Iterable[str] = ()) -> Process:
    """Start this Python on a module, with pipes to its standard input and output."""
    return subprocess.Popen(
        [sys.executable, "-P", "-m", module],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        stderr=subprocess.DEVNULL,
        env=environment(names),
    )


def start(command: Sequence[str], *, said: IO[bytes], settings: dict[str, str]) -> Process:
    """Start a program whose output and errors go to `said`."""
    return subprocess.Popen(
        command,
        stdin=subprocess.DEVNULL,
        stdout=said,
        stderr=said,
        env=environment(settings=settings | _NO_FOLDER),
    )


def run(command: Sequence[str], *, settings: dict[str, str]) -> Done:
    """Run a program to its end, without input; what it said comes back as text."""
    return subprocess.run(
        command,
        stdin=subprocess.DEVNULL,
        capture_output=True,
        text=True,
        env=environment(settings=settings | _NO_FOLDER),
        check=False,
    )


def become(command: Sequence[str], *, settings: dict[str, str]) -> NoReturn:
    """Let a program take this process's place."""
    os.execve(command[0], list(command), environment(settings=settings | _NO_FOLDER))  # noqa: S606


def conceal() -> None:
    """In a child that holds a key: refuse debuggers, and crashes that would write it to a file."""
    if sys.platform == "linux":
        ctypes.CDLL(None).prctl(_PR_SET_DUMPABLE, 0, 0, 0, 0)
