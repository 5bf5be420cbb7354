"""
Offers the assistant to asyncio apps: the same synchronous core, on a thread of its own.

Decides nothing: a question waits in the worker's queue, and its pieces come back to the event loop.
"""

import asyncio
from collections.abc import AsyncIterator, Callable, Sequence
from contextlib import suppress
from pathlib import Path
from typing import Self, TypeVar

from homeward import opening
from homeward.assistant import Assistant
from homeward.concurrency.worker import MOST_STREAMS, QueuedStream, Worker
from homeward.conversation.reply import Drawn, Reply
from homeward.conversation.sources import Sources
from homeward.errors import InvalidArgument
from homeward.events import Closed, Event
from homeward.memory.unremembered import Remembered
from homeward.prompting.thoughts import Thought
from homeward.prompting.tool_calls import CallPiece
from homeward.sampling import Sampling
from homeward.settings import Settings
from homeward_store import Memory, Receipt, Selection, TurnId, Unlock

Result = TypeVar("Result")

_End = BaseException | None
_Item = str | Thought | CallPiece | tuple[_End]


class _Spoken:
    """A reply as a `worker.Stream`: with the thoughts before it."""

    def __init__(self, reply: Reply) -> None:
        self.reply, self.cancel, self.close = reply, reply.cancel, reply.close

    def __iter__(self) -> Drawn:
        with suppress(StopIteration):
            while True:
                yield self.reply.next_spoken()


class AsyncReply(AsyncIterator[str]):
    """
    A reply whose pieces are awaited. `sources` is complete before the first piece.

    What the model thinks before it is read from `thinking`, or passed over.

    Guarantees:
        As for `Reply`: however reading ends, the turn is recorded once. Leaving `async with` ends
        a reply that is still being made.
    """

    def __init__(self, reply: Reply, pieces: asyncio.Queue[_Item], of: QueuedStream) -> None:
        self._reply, self._pieces, self._following = reply, pieces, of
        self._ahead: list[str | CallPiece] = []  # came while the thoughts before it were read
        self._ended: tuple[_End] | None = None

    @property
    def sources(self) -> Sources:
        """The sources of the prompt, and what the gate withheld from it."""
        return self._reply.sources

    @property
    def turn(self) -> TurnId | None:
        """The turn it is recorded in; None: incognito."""
        return self._reply.turn

    @property
    def finished(self) -> Reply:
        """
        The reply itself, once it has ended.

        Raises:
            InvalidArgument: it is still being made, by another thread.
        """
        if self._ended is None:
            raise InvalidArgument("the reply is still being made")
        return self._reply

    async def __anext__(self) -> str:
        """Return the next piece of text."""
        while not isinstance(piece := await self._next(), str):
            pass
        return piece

    @property
    async def thinking(self) -> AsyncIterator[str]:
        """What the model thinks, piece by piece, up to where the reply begins."""
        try:
            while isinstance(piece := await self._next(), Thought):
                if piece.text:
                    yield piece.text
        except StopAsyncIteration:
            return
        self._ahead.append(piece)

    @property
    async def pieces(self) -> AsyncIterator[str | Thought | CallPiece]:
        """All of it: thoughts, text, and calls of the app's tools."""
        with suppress(StopAsyncIteration):
            while True:
                yield await self._next()

    @property
    def so_far(self) -> Reply:
        """The reply as it is while it is made; only `drawn` may be read before it has ended."""
        return self._reply

    async def _next(self) -> str | Thought | CallPiece:
        if self._ahead:
            return self._ahead.pop()
        if self._ended is None:
            item = await self._pieces.get()
            if not isinstance(item, tuple):
                return item
            self._ended = item
        if self._ended[0] is not None:
            raise self._ended[0]
        raise StopAsyncIteration

    async def text(self) -> str:
        """Read what was not read yet; return the whole reply."""
        async for _ in self:
            pass
        return self._reply.text_so_far

    def cancel(self) -> None:
        """Stop after the current token; the reply keeps the text so far."""
        self._following.cancel()

    async def __aenter__(self) -> Self:
        return self

    async def __aexit__(self, *_: object) -> None:
        self.cancel()
        await self.text()


class _Mailbox:
    """Carries a stream from the worker's thread to the event loop."""

    def __init__(self) -> None:
        self._loop = asyncio.get_running_loop()
        self.begun: asyncio.Future[Reply] = self._loop.create_future()
        self.pieces: asyncio.Queue[_Item] = asyncio.Queue()

    def began(self, stream: _Spoken) -> None:
        self._loop.call_soon_threadsafe(self._begin, stream.reply)

    def piece(self, piece: str | Thought | CallPiece) -> None:
        self._loop.call_soon_threadsafe(self.pieces.put_nowait, piece)

    def ended(self, error: _End) -> None:
        self._loop.call_soon_threadsafe(self._end, error)

    def _begin(self, stream: Reply) -> None:
        if not self.begun.done():
            self.begun.set_result(stream)

    def _end(self, error: _End) -> None:
        if not self.begun.done() and error is not None:
            self.begun.set_exception(error)
        self.pieces.put_nowait((error,))


class AsyncAssistant:
    """
    An assistant on its own thread, for one event loop or many. `homeward.aio.open` opens one.

    Questions are answered one after the other; other calls are taken between two tokens.
    """

    def __init__(self, assistant: Assistant, *, waiting: int = MOST_STREAMS) -> None:
        self._assistant = assistant
        self._worker = Worker(assistant, name="homeward-assistant", waiting=waiting)

    async def ask(
        self,
        question: str,
        *,
        sampling: Sampling | None = None,
        personalize: bool = True,
        images: Sequence[Path] = (),
    ) -> AsyncReply:
        """
        Answer within the assistant's own conversation; returns when the reply begins.

        Raises:
            Busy: too many wait. And what `Assistant.ask` raises.
        """
        return await self.reply(
            lambda me: me.ask(question, sampling=sampling, personalize=personalize, images=images)
        )

    async def reply(self, begin: Callable[[Assistant], Reply]) -> AsyncReply:
        """Begin a reply of any conversation, such as `lambda me: conversation.ask(…)`."""
        mailbox: _Mailbox = _Mailbox()
        following = self._worker.follow(lambda me: _Spoken(begin(me)), mailbox)
        try:
            reply = await mailbox.begun
        except asyncio.CancelledError:
            following.cancel()
            raise
        return AsyncReply(reply, mailbox.pieces, following)

    async def run(self, work: Callable[[Assistant], Result]) -> Result:
        """
        Do anything else with the assistant, on its thread; it must be short.

        Raises:
            Busy: too many calls wait. And what `work` raises.
        """
        return await asyncio.wrap_future(self._worker.call(work))

    async def remember(self, text: str) -> Remembered:
        """See `Assistant.remember`."""
        return await self.run(lambda me: me.remember(text))

    async def forget(self, what: Selection | Memory) -> Receipt:
        """See `Assistant.forget`."""
        return await self.run(lambda me: me.forget(what))

    async def events(self, *kinds: type[Event]) -> AsyncIterator[Event]:
        """Yield what happens from now on, of these kinds or all, until the assistant is closed."""
        loop = asyncio.get_running_loop()
        happened: asyncio.Queue[Event] = asyncio.Queue()

        def hand_over(event: Event) -> None:
            loop.call_soon_threadsafe(happened.put_nowait, event)

        end = self._assistant.events.subscribe(hand_over, *kinds, *((Closed,) if kinds else ()))
        try:
            while not isinstance(event := await happened.get(), Closed):
                yield event
        finally:
            end()

    def end_events(self) -> None:
        """End every `events` iterator, as closing does."""
        self._assistant.events.close()

    def cancel_all(self) -> None:
        """End every reply that is being made or waits."""
        self._worker.cancel_all()

    async def close(self) -> None:
        """End everything, free the models, close the profile. Closing twice is fine."""
        await asyncio.to_thread(self.close_now)

    def close_now(self) -> None:
        """Do what `close` does, where no event loop runs."""
        self._worker.close()
        self._assistant.close()

    async def __aenter__(self) -> Self:
        return self

    async def __aexit__(self, *_: object) -> None:
        await self.close()


async def open(  # noqa: A001  # `homeward.aio.open` reads as what it does
    person: str,
    *,
    unlock: Unlock,
    home: Path | None = None,
    model: str | Path | None = None,
    settings: Settings | None = None,
) -> AsyncAssistant:
    """Open the assistant of `person` without holding up the event loop; see `homeward.open`."""
    assistant = await asyncio.to_thread(
        opening.open, person, unlock=unlock, home=home, model=model, settings=settings
    )
    return AsyncAssistant(assistant)
