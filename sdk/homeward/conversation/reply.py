"""A reply streams text and is recorded once, however it ends."""

from collections import deque
from collections.abc import Callable, Generator, Iterator, Sequence
from contextlib import AbstractContextManager, suppress
from dataclasses import dataclass
from threading import Event
from typing import Self

from homeward.conversation.sources import Sources
from homeward.ports import DrawnToken, Fed
from homeward.prompting.thoughts import Thought
from homeward.prompting.tool_calls import CallPiece
from homeward_store import TurnId

Drawn = Iterator[str | Thought | CallPiece]


@dataclass(slots=True)
class DrawnCall:
    """A call that the model wants; its arguments are whole JSON once it is `complete`."""

    name: str
    arguments: str = ""
    complete: bool = False


class Reply(Iterator[str]):
    """
    A reply that is generated while it is read: an iterator over pieces of text.

    What the model thinks before it is read from `thinking`, or passed over. It is stored nowhere.

    Guarantees:
        `sources` is complete with the first piece. However reading ends (at the end, by `cancel`,
        by `close`, by an exception), the turn is recorded once, with the text so far.

    Example:
        reply = me.ask(question, sampling=Sampling(thinking=1000))
        for thought in reply.thinking:
            print(thought, end="", file=sys.stderr)
        for piece in reply:
            print(piece, end="")
    """

    def __init__(
        self,
        pieces: Callable[["Reply"], Drawn],
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
        self.generated = 0  # tokens, those of thoughts among them; known at the end
        self.thought_tokens = 0
        self.call_tokens = 0
        self.stopped_by = "cancel"  # known at the end; see `Session.stopped_by`
        self.stop_found = ""  # the stop string that it ended at
        self.calls: list[DrawnCall] = []  # of the app's tools; the app makes them
        self.drawn: Sequence[DrawnToken] = ()  # with probabilities, where they were asked for
        self._so_far: list[str] = []
        self._thoughts: list[str] = []
        self._ahead: deque[str | CallPiece] = (
            deque()
        )  # made while somebody read the thoughts before it
        self._cancel = cancel
        self._on_end = on_end
        self._lock = lock  # the conversation's: a piece is made by one thread at a time
        self._stream = self._run(pieces(self))

    def __next__(self) -> str:
        """Return the next piece of text, as soon as it is whole UTF-8."""
        while True:
            piece = self.next_spoken()
            if isinstance(piece, str):
                return piece

    def next_spoken(self) -> str | Thought | CallPiece:
        """
        Return the next piece of the reply, of the thought before it, or of a call.

        Raises:
            StopIteration: it has ended.
        """
        with self._lock:
            return self._ahead.popleft() if self._ahead else next(self._stream)

    @property
    def thinking(self) -> Iterator[str]:
        """What the model thinks, piece by piece, up to where the reply begins."""
        with suppress(StopIteration):
            while isinstance(piece := self.next_spoken(), Thought):
                if piece.text:
                    yield piece.text
            self._ahead.append(piece)

    @property
    def thought_so_far(self) -> str:
        """What has been thought until now."""
        return "".join(self._thoughts)

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

    def __str__(self) -> str:
        """Return `text`."""
        return self.text

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

    def _note(self, piece: str | Thought | CallPiece) -> None:
        if isinstance(piece, str):
            self._so_far.append(piece)
        elif isinstance(piece, Thought):
            self._thoughts.append(piece.text)
            self.thought_tokens += piece.tokens
        else:
            if piece.name:
                self.calls.append(DrawnCall(piece.name))
            call = self.calls[piece.index]
            call.arguments += piece.arguments
            call.complete = piece.complete
            self.call_tokens += piece.tokens

    def _run(self, pieces: Drawn) -> Generator[str | Thought | CallPiece, None, None]:
        try:
            for piece in pieces:
                self._note(piece)
                yield piece
            self.complete = not self._cancel.is_set()
        finally:
            self._on_end(self)
