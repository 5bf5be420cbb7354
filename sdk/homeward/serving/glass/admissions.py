"""
How a page in the browser comes to the bearer token: by a code that is worth it once.

An address is seen by others: in the list of processes while a browser is started, in its history
afterwards. So the address holds no token. Whoever else read the code in time has to be faster than
the browser; the person then sees that the link was used, and no page.
"""

import secrets
import time
from collections.abc import Callable
from threading import Lock

_SECONDS = 60  # a browser may have to start


class Admissions:
    """The codes that are out. Safe to use from several threads."""

    def __init__(self, token: str, *, now: Callable[[], float] = time.monotonic) -> None:
        self._token = token
        self._now = now
        self._until: dict[str, float] = {}
        self._lock = Lock()

    def invite(self) -> str:
        """A code of 256 bits that is good for a minute."""
        code = secrets.token_urlsafe(32)
        with self._lock:
            self._until[code] = self._now() + _SECONDS
        return code

    def admit(self, code: str) -> str | None:
        """Return the token for a code that is good; the code is then worth nothing more."""
        with self._lock:
            until = self._until.pop(code, None)
        return self._token if until is not None and self._now() <= until else None
