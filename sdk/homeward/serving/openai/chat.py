"""This route answers chats, with OpenAI's shapes."""

import secrets
import time
from collections.abc import AsyncIterator

from fastapi import APIRouter, Request
from starlette.responses import Response, StreamingResponse

from homeward.aio import AsyncReply
from homeward.conversation.sources import Sources
from homeward.serving.client_disconnect import until_gone
from homeward.serving.learned_use import LearnedUseOut
from homeward.serving.openai import answers
from homeward.serving.openai.requests import ChatRequest
from homeward.serving.service import Serving
from homeward_store import SourceKind

router = APIRouter(prefix="/v1", tags=["openai"])

_EVENTS = "text/event-stream"


@router.post(
    "/chat/completions",
    response_model=answers.ChatCompletion,
    responses={200: {"content": {_EVENTS: {"schema": answers.ChatChunk.model_json_schema()}}}},
)
async def chat(asked: ChatRequest, request: Request, service: Serving) -> Response:
    """
    Answer the last message; with `stream`, piece by piece as server-sent events.

    A client that goes away ends the reply; its turn keeps the text so far.
    """
    frame = _Frame(await service.me.run(lambda me: me.model.name))
    begun = service.me.reply(lambda me: service.chats.reply(me, asked))
    reply = await until_gone(request, begun)
    if asked.stream:
        usage = bool(asked.stream_options and asked.stream_options.include_usage)
        return StreamingResponse(_events(reply, frame, usage=usage), media_type=_EVENTS)
    async with reply:
        text = await until_gone(request, reply.text())
    return Response(_whole(reply, frame, text).model_dump_json(), media_type="application/json")


class _Frame:
    """What every chunk of one reply says alike."""

    def __init__(self, model: str) -> None:
        self.id = f"chatcmpl-{secrets.token_hex(12)}"
        self.created = int(time.time())
        self.model = model

    def chunk(
        self,
        delta: answers.Delta | None,
        *,
        finish: answers.FinishReason | None = None,
        usage: answers.Usage | None = None,
        homeward: answers.ReplyProvenance | None = None,
    ) -> str:
        """One server-sent event."""
        choices = [] if delta is None else [answers.ChunkChoice(delta=delta, finish_reason=finish)]
        sent = answers.ChatChunk(
            id=self.id,
            created=self.created,
            model=self.model,
            choices=choices,
            usage=usage,
            homeward=homeward,
        )
        return f"data: {sent.model_dump_json(exclude_none=True)}\n\n"


async def _events(reply: AsyncReply, frame: _Frame, *, usage: bool) -> AsyncIterator[str]:
    async with reply:
        yield frame.chunk(answers.Delta(role="assistant", content=""))
        async for thought in reply.thinking:
            yield frame.chunk(answers.Delta(reasoning_content=thought))
        async for piece in reply:
            yield frame.chunk(answers.Delta(content=piece))
        yield frame.chunk(answers.Delta(), finish=_finish(reply), homeward=_provenance(reply))
        if usage:
            yield frame.chunk(None, usage=_usage(reply))
        yield "data: [DONE]\n\n"


def _whole(reply: AsyncReply, frame: _Frame, text: str) -> answers.ChatCompletion:
    thought = reply.finished.thought_so_far
    message = answers.ReplyMessage(content=text, reasoning_content=thought or None)
    return answers.ChatCompletion(
        id=frame.id,
        created=frame.created,
        model=frame.model,
        choices=[answers.CompletionChoice(message=message, finish_reason=_finish(reply))],
        usage=_usage(reply),
        homeward=_provenance(reply),
    )


def _finish(reply: AsyncReply) -> answers.FinishReason:
    return "length" if reply.finished.stopped_by in ("max_tokens", "context") else "stop"


def _usage(reply: AsyncReply) -> answers.Usage:
    fed, written = reply.finished.fed, reply.finished.generated
    read = fed.reused + fed.decoded if fed else 0
    return answers.Usage(
        prompt_tokens=read,
        completion_tokens=written,
        total_tokens=read + written,
        completion_tokens_details=answers.UsageDetails(
            reasoning_tokens=reply.finished.thought_tokens
        ),
    )


def _provenance(reply: AsyncReply) -> answers.ReplyProvenance:
    sources = reply.sources
    return answers.ReplyProvenance(
        turn=reply.turn,
        used=_used(sources),
        through=[] if sources.through is None else _used(sources.through),
        images=list(sources.images),
        learned=[LearnedUseOut.of(one) for one in sources.learned],
        withheld=[
            answers.WithheldOne(kind=one.kind, id=one.id, rule=one.rule) for one in sources.withheld
        ],
        dropped_turns=reply.finished.dropped_turns,
    )


def _used(sources: Sources) -> list[answers.UsedOne]:
    return [
        answers.UsedOne(kind=kind, id=one.id)
        for kind, found in (
            (SourceKind.ATTRIBUTE, sources.attributes),
            (SourceKind.MEMORY, sources.memories),
            (SourceKind.CHOICE, sources.examples),
            (SourceKind.TURN, sources.turns),
        )
        for one in found
    ]
