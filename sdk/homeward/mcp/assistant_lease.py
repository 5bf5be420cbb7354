"""
Keeps an assistant open only while it is used, so that other processes can open the profile.

A client's MCP server runs as long as the client does. The person's own commands, such as granting
that client something, need the profile in between.
"""

import contextlib
import threading
from collections.abc import Callable, Iterator

from homeward.assistant import Assistant

IDLE_SECONDS = 5.0  # opening again costs a second: key derivation and the embedder


class AssistantLease:
    """
    Opens an assistant when it is needed, and closes it when nobody asked for a while.

    Guarantees:
        One thread at a time is inside `assistant`. After `close` nothing is open.
    """

    def __init__(self, open_: Callable[[], Assistant], *, idle: float = IDLE_SECONDS) -> None:
        self._open = open_
        self._idle = idle
        self._lock = threading.RLock()
        self._held: Assistant | None = None
        self._timer: threading.Timer | None = None

    @contextlib.contextmanager
    def assistant(self) -> Iterator[Assistant]:
        """
        Lend the assistant, opened if need be.

        Raises:
            ProfileInUse: another program holds the profile just now.
        """
        with self._lock:
            self._stop_timer()
            self._held = self._held or self._open()
            try:
                yield self._held
            finally:
                self._timer = threading.Timer(self._idle, self.close)
                self._timer.daemon = True
                self._timer.start()

    def close(self) -> None:
        """Let the profile go. Closing twice is fine."""
        with self._lock:
            self._stop_timer()
            if self._held is not None:
                self._held.close()
                self._held = None

    def _stop_timer(self) -> None:
        if self._timer is not None:
            self._timer.cancel()
            self._timer = None
