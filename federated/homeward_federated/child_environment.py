"""
Says what of the environment a child process is given, here and in the SDK.

The folder that the person happens to stand in is not searched, since a file there could be run or
imported in a program's or module's place. Only named variables are passed on, since others hold
what is none of a child's business: keys, tokens, the addresses of services.
"""

import os
from collections.abc import Iterable
from pathlib import Path

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


def searched(*, first: Path) -> str:
    """Return the PATH of a child that looks for programs in `first` before all else."""
    return os.pathsep.join([str(first.absolute()), _absolute(os.environ.get("PATH", ""))])


def _absolute(folders: str) -> str:
    entries = folders.split(os.pathsep)
    return os.pathsep.join(entry for entry in entries if Path(entry).is_absolute())
