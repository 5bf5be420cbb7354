"""
A worker thread owns an object for one caller at a time, behind a queue.

Knows threads and turns; no assistant, no network, no event loop. Streams run one after the other;
calls are short and are taken in between two pieces of the stream that runs.
"""

import math
import time
from collections import deque
from collections.abc import Callable, Iterator
from concurrent.futures import Future
from contextlib import suppress
from dataclasses import dataclass, field
from threading import Condition, Thread
from typing import Any, Generic, Protocol, TypeVar

from homeward.errors import Busy, Cancelled

Owned = TypeVar("Owned")
Result = TypeVar("Result")

MOST_STREAMS = 8  # waiting; at SmolLM2's 2 s a reply, the last of them waits 16
MOST_CALLS = 64  # waiting; each takes milliseconds


class Stream(Protocol):
    """What is made while it is read, piece by piece, such as a reply."""

    def __iter__(self) -> Iterator[object]:
        """The pieces."""
        ...

    def cancel(self) -> None:
        """Stop after the current piece. Thread-safe."""
        ...

    def close(self) -> None:
        """End it where it is."""
        ...


class Sink(Protocol):
    """Where a stream goes. Called on the worker's thread; what it raises ends the stream."""

    def began(self, stream: Any) -> None:  # noqa: ANN401  the kind that its caller began
        """It has begun; no piece was made yet."""
        ...

    def piece(self, piece: Any) -> None:  # noqa: ANN401  of the kind that the stream makes
        """One more piece."""
        ...

    def ended(self, error: BaseException | None) -> None:
        """Nothing comes any more; an `error` where it could not begin or go on."""
        ...


@dataclass(eq=False)
class QueuedStream:
    """A stream that was asked for; it may still wait."""

    begin: Callable[[Any], Stream]
    sink: Sink
    cancelled: bool = False
    stream: Stream | None = None

    def cancel(self) -> None:
        """Give it up, waiting or running. The sink still hears that it ended."""
        self.cancelled = True
        if (stream := self.stream) is not None:
            stream.cancel()


@dataclass(eq=False)
class _Call:
    work: Callable[[Any], Any]
    future: Future[Any] = field(default_factory=Future)

    def run(self, owned: object) -> None:
        if not self.future.set_running_or_notify_cancel():
            return
        try:
            self.future.set_result(self.work(owned))
        except Exception as error:  # noqa: BLE001  it is the caller's, and raised there
            self.future.set_exception(error)


class Worker(Generic[Owned]):
    """
    Runs calls and streams on what it owns, one at a time, on its own thread.

    Guarantees:
        Nothing else runs while a call or a piece of a stream is made. `close` ends the stream that
        runs and those that wait, each with its `ended`, and returns when the thread is gone.
    """

    def __init__(self, owned: Owned, *, name: str, waiting: int = MOST_STREAMS) -> None:
        self._owned = owned
        self._most_streams = waiting
        self._calls: deque[_Call] = deque()
        self._waiting: deque[QueuedStream] = deque()
        self._running: QueuedStream | None = None
        self._closed = False
        self._seconds = 1.0  # the last stream's
        self._changed = Condition()
        self._thread = Thread(target=self._run, name=name, daemon=True)
        self._thread.start()

    def call(self, work: Callable[[Owned], Result]) -> Future[Result]:
        """
        Do `work` on what is owned, as soon as the piece that is being made is done.

        Raises:
            Busy: too many wait. Cancelled: the worker was closed.
        """
        call = _Call(work)
        with self._changed:
            self._check(len(self._calls), most=MOST_CALLS, seconds=1.0)
            self._calls.append(call)
            self._changed.notify()
        return call.future

    def follow(self, begin: Callable[[Owned], Stream], sink: Sink) -> QueuedStream:
        """
        Begin a stream when its turn comes, and send it to `sink`.

        Raises:
            Busy: too many wait; it names the seconds until one is likely through. Cancelled: the
                worker was closed.
        """
        following = QueuedStream(begin, sink)
        self._drop_cancelled()
        with self._changed:
            ahead = len(self._waiting) + (self._running is not None)
            self._check(ahead, most=self._most_streams + 1, seconds=self._seconds)
            self._waiting.append(following)
            self._changed.notify()
        return following

    def cancel_all(self) -> None:
        """End the stream that runs and those that wait; take new ones."""
        with self._changed:
            for one in [*self._waiting, *([self._running] if self._running else [])]:
                one.cancel()

    def close(self) -> None:
        """End everything and let the thread go. Closing twice is fine."""
        with self._changed:
            self._closed = True
            self._changed.notify()
        self.cancel_all()
        self._thread.join()

    def _drop_cancelled(self) -> None:
        with self._changed:
            gone = [one for one in self._waiting if one.cancelled]
            for one in gone:
                self._waiting.remove(one)
        for one in gone:
            _tell(one, _given_up())

    def _check(self, ahead: int, *, most: int, seconds: float) -> None:
        if self._closed:
            raise Cancelled("the assistant was closed")
        if ahead >= most:
            raise Busy(
                f"{ahead} requests are already queued", retry_after=max(1, math.ceil(seconds))
            )

    def _run(self) -> None:
        while (task := self._next()) is not None:
            if isinstance(task, _Call):
                task.run(self._owned)
            else:
                self._stream(task)
                self._running = None
            del task  # an idle worker keeps no reply alive

    def _next(self) -> _Call | QueuedStream | None:
        with self._changed:
            self._changed.wait_for(lambda: self._calls or self._waiting or self._closed)
            if self._calls:
                return self._calls.popleft()
            if self._waiting:
                self._running = self._waiting.popleft()
                return self._running
            return None

    def _stream(self, following: QueuedStream) -> None:
        started, error = time.monotonic(), None
        try:
            if following.cancelled:
                raise _given_up()  # noqa: TRY301
            following.stream = following.begin(self._owned)
            self._pass_on(following, following.stream)
        except Exception as raised:  # noqa: BLE001  it is the sink's, and raised there
            error = raised
        self._seconds = time.monotonic() - started
        _tell(following, error)

    def _pass_on(self, following: QueuedStream, stream: Stream) -> None:
        try:
            following.sink.began(stream)
            if following.cancelled:
                stream.cancel()
            for piece in stream:
                following.sink.piece(piece)
                self._between()
        finally:
            stream.close()

    def _between(self) -> None:
        """Take the calls that came meanwhile."""
        while True:
            with self._changed:
                if not self._calls:
                    return
                call = self._calls.popleft()
            call.run(self._owned)


def _given_up() -> Cancelled:
    return Cancelled("cancelled before it started")


def _tell(following: QueuedStream, error: BaseException | None) -> None:
    with suppress(Exception):  # a listener that is gone is no reason to stop
        following.sink.ended(error)
