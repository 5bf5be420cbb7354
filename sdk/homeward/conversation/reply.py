"""A reply streams text and is recorded once, however it ends."""

from collections.abc import Callable, Generator, Iterator
from contextlib import AbstractContextManager
from threading import Event
from typing import Self

from homeward.conversation.sources import Sources
from homeward.ports import Fed
from homeward_store import TurnId


class Reply(Iterator[str]):
    """
    A reply that is generated while it is read: an iterator over pieces of text.

    Guarantees:
        `sources` is complete with the first piece. However reading ends (at the end, by `cancel`,
        by `close`, by an exception), the turn is recorded once, with the text so far.
    """

    def __init__(
        self,
        pieces: Callable[["Reply"], Iterator[str]],
        *,
        sources: Sources,
        dropped_turns: int,
        turn: TurnId | None,
        cancel: Event,
        on_end: Callable[["Reply"], None],
        lock: AbstractContextManager[object],
    ) -> None:
        self.sources = sources
        self.dropped_turns = dropped_turns  # oldest turns that no longer fitted the context
        self.turn = turn  # None: incognito
        self.fed: Fed | None = None  # what the KV cache saved; known with the first piece
        self.complete = False  # it ran to its end or to `max_tokens`: nobody cut it short
        self.generated = 0  # tokens; known at the end
        self.stopped_by = "cancel"  # known at the end; see `Session.stopped_by`
        self._so_far: list[str] = []
        self._cancel = cancel
        self._on_end = on_end
        self._lock = lock  # the conversation's: a piece is made by one thread at a time
        self._stream = self._run(pieces(self))

    def __next__(self) -> str:
        """Return the next piece of text, as soon as it is whole UTF-8."""
        with self._lock:
            return next(self._stream)

    @property
    def text(self) -> str:
        """The whole reply; reads what has not been read yet."""
        for _ in self:
            pass
        return self.text_so_far

    @property
    def text_so_far(self) -> str:
        """What has been generated until now."""
        return "".join(self._so_far)

    def cancel(self) -> None:
        """Stop generating after the current token. Safe to call from another thread."""
        self._cancel.set()

    def close(self) -> None:
        """End the reply where it is and record it. Does nothing to one that has ended."""
        self.cancel()
        for _ in self:  # a stream that was never started has to start in order to end
            pass

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def _run(self, pieces: Iterator[str]) -> Generator[str, None, None]:
        try:
            for piece in pieces:
                self._so_far.append(piece)
                yield piece
            self.complete = not self._cancel.is_set()
        finally:
            self._on_end(self)
