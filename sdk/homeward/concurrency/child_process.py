"""
Starts child processes; no other module of the SDK starts any.

Each is this Python, on a module by name. `-P` and `child_environment` keep the current folder and
the person's secrets from it.
"""

import subprocess
import sys
from collections.abc import Iterable
from typing import IO

from homeward_federated.child_environment import environment

Process = subprocess.Popen[bytes]
TimeoutExpired = subprocess.TimeoutExpired
NOWHERE = subprocess.DEVNULL


def run(
    module: str,
    *arguments: str,
    sent: bytes,
    seconds: float,
) -> bytes:
    """
    Run a module on `sent` as its standard input; return its standard output, however it ends.

    Raises:
        TimeoutExpired: it ran for `seconds`, and was killed.
    """
    return subprocess.run(
        _command(module, arguments),
        input=sent,
        stdout=subprocess.PIPE,
        stderr=NOWHERE,
        env=environment(),
        timeout=seconds,
        check=False,
    ).stdout


def start(
    module: str,
    *arguments: str,
    said: IO[bytes],
    names: Iterable[str] = (),
    settings: dict[str, str] | None = None,
) -> Process:
    """Start a module without input, whose output and errors go to `said`."""
    return subprocess.Popen(
        _command(module, arguments),
        stdin=NOWHERE,
        stdout=said,
        stderr=subprocess.STDOUT,
        env=environment(names, settings),
    )


def converse(module: str) -> Process:
    """Start a module that is written to and read from, for as long as it is needed."""
    return subprocess.Popen(
        _command(module, ()),
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        stderr=NOWHERE,
        env=environment(),
    )


def _command(module: str, arguments: Iterable[str]) -> list[str]:
    return [sys.executable, "-P", "-m", module, *arguments]
