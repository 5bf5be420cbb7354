"""
Answers a question for whichever interface it came by: begins the reply, and says how it ended.

What is decided here is decided once: the audience of who asks, going away, counting.
"""

import secrets
import time
from collections.abc import AsyncIterator
from dataclasses import dataclass, field, replace
from enum import StrEnum

from starlette.requests import Request

from homeward.aio import AsyncReply
from homeward.conversation.reply import Reply
from homeward.prompting.thoughts import Thought
from homeward.prompting.tool_calls import CallPiece
from homeward.serving.chat.question import ClientQuestion, Personal
from homeward.serving.client_disconnect import until_gone
from homeward.serving.failures import Failure
from homeward.serving.provenance import ReplyProvenance, provenance_of
from homeward.serving.service import Service


class Ending(StrEnum):
    """Why a reply ended."""

    DONE = "done"
    STOPPED = "stopped"  # at a text that the client named
    CUT = "cut"  # at its longest, or at the end of the context
    CALLS = "calls"  # the client is to call tools


@dataclass(frozen=True, slots=True)
class TokenCount:
    """Tokens that were read and written."""

    read: int
    reused: int  # of those read: they were in the KV cache already
    written: int
    thought: int


@dataclass(slots=True)
class ServedReply:
    """A reply on its way to a client."""

    reply: AsyncReply
    model: str
    key: str = field(default_factory=lambda: secrets.token_hex(12))
    created: int = field(default_factory=lambda: int(time.time()))

    async def pieces(self) -> AsyncIterator[str | Thought | CallPiece]:
        """Yield it piece by piece; leaving off ends it."""
        async with self.reply:
            async for piece in self.reply.pieces:
                yield piece

    async def whole(self, request: Request) -> Reply:
        """
        Return the reply once it has ended.

        Raises:
            Cancelled: the client went away meanwhile.
        """
        async with self.reply:
            await until_gone(request, self.reply.text())
        return self.reply.finished

    def call_id(self, index: int) -> str:
        """Return the name of a call, by which the client says what its tool printed."""
        return f"call_{self.key}{index}"

    @property
    def ending(self) -> Ending:
        """Why it ended, once it has."""
        ended = self.reply.finished
        if ended.stopped_by in ("max_tokens", "context") and not _all_complete(ended):
            return Ending.CUT
        if ended.calls:
            return Ending.CALLS
        return Ending.STOPPED if ended.stop_found else Ending.DONE

    @property
    def counted(self) -> TokenCount:
        """What it took, once it has ended."""
        ended = self.reply.finished
        fed = ended.fed
        read = fed.reused + fed.decoded if fed else 0
        return TokenCount(read, fed.reused if fed else 0, ended.generated, ended.thought_tokens)

    @property
    def provenance(self) -> ReplyProvenance:
        """What it was built on, once it has ended."""
        return provenance_of(self.reply)


async def answered(service: Service, request: Request, question: ClientQuestion) -> ServedReply:
    """
    Begin the reply to a question; it waits its turn.

    Raises:
        Busy, Cancelled: too many wait; the client went away. And what `Chats.reply` raises.
    """
    own = own_part(request, question.personal)
    question = replace(question, personal=own)
    model = await service.me.run(lambda me: me.model.name)
    begun = service.me.reply(lambda me: service.chats.reply(me, question))
    return ServedReply(await until_gone(request, begun), model)


def own_part(request: Request, given: Personal) -> Personal:
    """
    Return for whom and what for a request is answered: as its origin was allowed, if it has one.

    Raises:
        Failure: it asks as another audience, or for another purpose.
    """
    audience: str | None = getattr(request.state, "audience", None)
    if audience is None:
        return given
    if "audience" in given.model_fields_set and given.audience != audience:
        raise Failure(
            403,
            "other_audience",
            f"this origin was allowed as the audience {audience!r} alone",
            param="homeward.audience",
        )
    if given.purpose != Personal().purpose:
        raise Failure(
            403,
            "other_purpose",
            f"this origin was allowed for the purpose {Personal().purpose!r} alone",
            param="homeward.purpose",
        )
    return given.model_copy(update={"audience": audience})


def _all_complete(reply: Reply) -> bool:
    return bool(reply.calls) and all(call.complete for call in reply.calls)
