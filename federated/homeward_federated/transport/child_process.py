"""
Starts processes for the federation; no other module of this package starts any.

`-P` and `child_environment` keep the current folder and the person's secrets from them.
"""

import ctypes
import os
import subprocess
import sys
from collections.abc import Iterable, Sequence
from typing import IO, NoReturn

from homeward_federated.child_environment import environment

Process = subprocess.Popen[bytes]
TimeoutExpired = subprocess.TimeoutExpired
_PR_SET_DUMPABLE = 4  # linux/prctl.h
Done = subprocess.CompletedProcess[str]
# For programs that start a Python of their own: what `-P` says where we write the command.
_NO_FOLDER = {"PYTHONSAFEPATH": "1"}


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
