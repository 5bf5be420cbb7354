"""
Starts child processes; no other module of the SDK starts any.

Each is this Python, on a module by name. The folder that the person happens to stand in is not on
its path, since a file there could be imported in a module's place; and of the environment it is
given named variables only, since others hold what is none of its business: keys, tokens, the
addresses of services.
"""

import os
import subprocess
import sys
from collections.abc import Iterable
from pathlib import Path
from typing import IO

Process = subprocess.Popen[bytes]
TimeoutExpired = subprocess.TimeoutExpired
NOWHERE = subprocess.DEVNULL

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


def environment(
    names: Iterable[str] = (), settings: dict[str, str] | None = None
) -> dict[str, str]:
    """Return what a child is given: the usual variables and those of `names`, then `settings`."""
    plain = {name: os.environ[name] for name in (*_PLAIN, *names) if name in os.environ}
    searched = {name: _absolute(os.environ.get(name, "")) for name in _SEARCHED}
    return plain | {name: value for name, value in searched.items() if value} | (settings or {})


def _absolute(folders: str) -> str:
    entries = folders.split(os.pathsep)
    return os.pathsep.join(entry for entry in entries if Path(entry).is_absolute())


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


def _command(module: str, arguments: Iterable[str]) -> list[str]:
    return [sys.executable, "-P", "-m", module, *arguments]
