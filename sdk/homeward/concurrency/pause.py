"""
Works between a reply and the next question, on its own thread.

A person reads and types for seconds: work that their next question would wait for is done then, and
given up as soon as it comes.
"""

from collections.abc import Callable
from contextlib import suppress
from threading import Event, Thread

BEGIN_AFTER = 0.2  # seconds: a program that asks at once, or ends, is not kept waiting


class Pause:
    """One piece of work at a time. Any thread may begin and end it."""

    def __init__(self, *, begin_after: float = BEGIN_AFTER) -> None:
        self._begin_after = begin_after
        self._ended = Event()

    def use(self, work: Callable[[Event], None]) -> None:
        """Do `work` in place of what was begun before; it stops when its event is set."""
        self.end()
        self._ended = ended = Event()
        with suppress(RuntimeError):  # the interpreter ends, and there is no next question
            Thread(target=self._run, args=(work, ended), name="homeward-pause").start()

    def end(self) -> None:
        """Tell the work to stop; it does so within one batch of the model."""
        self._ended.set()

    def _run(self, work: Callable[[Event], None], ended: Event) -> None:
        if not ended.wait(self._begin_after):
            work(ended)
