"""
Keeps the bearer token of a profile in a file that only its owner can read.

It stays the same for 30 days, and is replaced by the first start after them: an app reads the file
when it starts, and a copy of the token that lies somewhere is worth nothing for long. Whoever can
read the file can ask the assistant while the server runs, and nothing once it stopped: it opens no
profile.
"""

import os
import secrets
import stat
import time
from pathlib import Path

from homeward_store.files import write_durably

_BYTES = 32
_LIFE = 30 * 24 * 3600.0  # seconds


def token_file(home: Path, person: str) -> Path:
    """Return where the token of `person` lies."""
    return home / "tokens" / person


def kept_token(file: Path, *, anew: bool = False) -> str:
    """
    Return the token in `file`; make one where there is none, it is old, or others could read it.

    Guarantees:
        The file is this user's and has mode 0600 (on Windows, what the folder grants).
    """
    if not anew and file.is_file() and _is_private(file) and _is_young(file):
        token = file.read_text(encoding="ascii").strip()
        if len(token) >= _BYTES:
            return token
    token = secrets.token_urlsafe(_BYTES)
    file.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
    write_durably(file, f"{token}\n".encode())
    return token


def _is_young(file: Path) -> bool:
    return 0 <= time.time() - file.stat().st_mtime < _LIFE


def _is_private(file: Path) -> bool:
    if os.name == "nt":
        return True
    found = file.stat(follow_symlinks=False)
    others = stat.S_IMODE(found.st_mode) & 0o077
    return stat.S_ISREG(found.st_mode) and not others and found.st_uid == os.geteuid()
