"""
Lets a page in the browser log in with a one-time code, which it exchanges for a key.

An address is seen by others: in the list of processes while a browser is started, in its history
afterwards. So it holds a code that is worth nothing after its use. Whoever else read it in time has
to be faster than the browser; the person then sees that the link was used, and no page.

A browser writes to its disk what a page stores, session storage and cookies too. So the key is in
the page's memory only: it is gone with the tab, and with this process. The token of apps, which
stays longer, never comes to a page by itself.
"""

import hashlib
import secrets
import time
from collections.abc import Callable
from threading import Lock

_CODE_SECONDS = 60.0  # a browser may have to start
_KEY_SECONDS = 12 * 3600.0  # a day at the desk; a page is then let in anew
_BYTES = 32


class Admissions:
    """The codes that are out, and the keys of pages that were let in. For several threads."""

    def __init__(self, *, now: Callable[[], float] = time.monotonic) -> None:
        self._now = now
        self._codes: dict[bytes, float] = {}
        self._keys: dict[bytes, float] = {}
        self._lock = Lock()

    def invite(self) -> str:
        """A code of 256 bits that is good for a minute."""
        return self._made(self._codes, _CODE_SECONDS)

    def admit(self, code: str) -> str | None:
        """Return a page's key for a code that is good; the code is then worth nothing more."""
        with self._lock:
            until = self._codes.pop(_digest(code), 0.0)
        return self._made(self._keys, _KEY_SECONDS) if self._now() <= until else None

    def knows(self, key: str) -> bool:
        """Whether this is the key of a page that was let in, and that is not too long ago."""
        with self._lock:
            return self._now() <= self._keys.get(_digest(key), 0.0)

    def _made(self, kept: dict[bytes, float], seconds: float) -> str:
        made, now = secrets.token_urlsafe(_BYTES), self._now()
        with self._lock:
            for old in [one for one, until in kept.items() if until < now]:
                del kept[old]
            kept[_digest(made)] = now + seconds
        return made


def _digest(secret: str) -> bytes:
    # Found by its hash, so that how long it takes tells nothing of how much of it was right.
    return hashlib.sha256(secret.encode("utf-8", "replace")).digest()
