"""This route answers chats, with OpenAI's shapes."""

from collections.abc import AsyncIterator, Iterator, Sequence

from fastapi import APIRouter, Request
from starlette.responses import Response, StreamingResponse

from homeward.conversation.reply import Reply
from homeward.ports import DrawnToken, Likely
from homeward.prompting.thoughts import Thought
from homeward.prompting.tool_calls import CallPiece
from homeward.serving.answering import Ending, ServedReply, answered
from homeward.serving.openai import answers
from homeward.serving.openai.asking import question_of
from homeward.serving.openai.requests import ChatRequest
from homeward.serving.provenance import ReplyProvenance
from homeward.serving.service import Serving

router = APIRouter(prefix="/v1", tags=["openai"])

EVENTS = "text/event-stream"
_FINISH: dict[Ending, answers.FinishReason] = {
    Ending.DONE: "stop",
    Ending.STOPPED: "stop",
    Ending.CUT: "length",
    Ending.CALLS: "tool_calls",
}


@router.post(
    "/chat/completions",
    response_model=answers.ChatCompletion,
    responses={200: {"content": {EVENTS: {"schema": answers.ChatChunk.model_json_schema()}}}},
)
async def chat(asked: ChatRequest, request: Request, service: Serving) -> Response:
    """
    Answer the last message; with `stream`, piece by piece as server-sent events.

    A client that goes away ends the reply; its turn keeps the text so far.
    """
    answer = await answered(service, request, question_of(asked))
    if asked.stream:
        usage = bool(asked.stream_options and asked.stream_options.include_usage)
        return StreamingResponse(_events(_Chunks(answer), usage=usage), media_type=EVENTS)
    whole = _whole(answer, await answer.whole(request), with_logprobs=bool(asked.logprobs))
    return Response(whole.model_dump_json(), media_type="application/json")


class _Chunks:
    """The chunks of one reply: what they all say, and how far its probabilities were told."""

    def __init__(self, answer: ServedReply) -> None:
        self.answer = answer
        self._told = 0

    def of(self, piece: str | Thought | CallPiece) -> Iterator[str]:
        """Yield the server-sent event of a piece; none where it adds nothing."""
        if isinstance(piece, str):
            yield self._chunk(answers.Delta(content=piece), logprobs=self._untold())
        elif isinstance(piece, Thought):
            if piece.text:
                yield self._chunk(answers.Delta(reasoning_content=piece.text))
        elif piece.name or piece.arguments:
            yield self._chunk(answers.Delta(tool_calls=[self._call(piece)]))

    def opening(self) -> str:
        """Return the first event."""
        return self._chunk(answers.Delta(role="assistant", content=""))

    def ending(self) -> str:
        """Return the event that says why the reply ended and what it was built on."""
        return self._chunk(
            answers.Delta(),
            finish=_FINISH[self.answer.ending],
            logprobs=self._untold(),
            homeward=self.answer.provenance,
        )

    def usage(self) -> str:
        """Return the event that counts tokens."""
        return self._event([], usage=usage_of(self.answer))

    def _call(self, piece: CallPiece) -> answers.CallDelta:
        if not piece.name:
            function = answers.CalledPiece(arguments=piece.arguments)
            return answers.CallDelta(index=piece.index, function=function)
        return answers.CallDelta(
            index=piece.index,
            id=self.answer.call_id(piece.index),
            type="function",
            function=answers.CalledPiece(name=piece.name, arguments=""),
        )

    def _untold(self) -> answers.Logprobs | None:
        drawn = self.answer.reply.so_far.drawn
        new, self._told = drawn[self._told :], len(drawn)
        return _logprobs(new) if new else None

    def _chunk(
        self,
        delta: answers.Delta,
        *,
        finish: answers.FinishReason | None = None,
        logprobs: answers.Logprobs | None = None,
        homeward: ReplyProvenance | None = None,
    ) -> str:
        choice = answers.ChunkChoice(delta=delta, finish_reason=finish, logprobs=logprobs)
        return self._event([choice], homeward=homeward)

    def _event(
        self,
        choices: list[answers.ChunkChoice],
        *,
        usage: answers.Usage | None = None,
        homeward: ReplyProvenance | None = None,
    ) -> str:
        sent = answers.ChatChunk(
            id=f"chatcmpl-{self.answer.key}",
            created=self.answer.created,
            model=self.answer.model,
            choices=choices,
            usage=usage,
            homeward=homeward,
        )
        return f"data: {sent.model_dump_json(exclude_none=True)}\n\n"


async def _events(chunks: _Chunks, *, usage: bool) -> AsyncIterator[str]:
    yield chunks.opening()
    async for piece in chunks.answer.pieces():
        for event in chunks.of(piece):
            yield event
    yield chunks.ending()
    if usage:
        yield chunks.usage()
    yield "data: [DONE]\n\n"


def _whole(answer: ServedReply, reply: Reply, *, with_logprobs: bool) -> answers.ChatCompletion:
    calls = [
        answers.ToolCall(
            id=answer.call_id(at),
            function=answers.CalledFunction(name=one.name, arguments=one.arguments),
        )
        for at, one in enumerate(reply.calls)
    ]
    message = answers.ReplyMessage(
        content=None if calls and not reply.text_so_far else reply.text_so_far,
        reasoning_content=reply.thought_so_far or None,
        tool_calls=calls or None,
    )
    choice = answers.CompletionChoice(
        message=message,
        finish_reason=_FINISH[answer.ending],
        logprobs=_logprobs(reply.drawn) if with_logprobs else None,
    )
    return answers.ChatCompletion(
        id=f"chatcmpl-{answer.key}",
        created=answer.created,
        model=answer.model,
        choices=[choice],
        usage=usage_of(answer),
        homeward=answer.provenance,
    )


def usage_of(answer: ServedReply) -> answers.Usage:
    """Return what a reply took, in OpenAI's shape."""
    counted = answer.counted
    return answers.Usage(
        prompt_tokens=counted.read,
        completion_tokens=counted.written,
        total_tokens=counted.read + counted.written,
        prompt_tokens_details=answers.PromptDetails(cached_tokens=counted.reused),
        completion_tokens_details=answers.UsageDetails(reasoning_tokens=counted.thought),
    )


def _logprobs(drawn: Sequence[DrawnToken]) -> answers.Logprobs:
    return answers.Logprobs(
        content=[
            answers.TokenLogprob(
                **_likely(one.drawn).model_dump(),
                top_logprobs=[_likely(other) for other in one.likeliest],
            )
            for one in drawn
        ]
    )


def _likely(token: Likely) -> answers.LikelyToken:
    return answers.LikelyToken(
        token=token.piece.decode("utf-8", "replace"),
        # JSON has no infinity; a token that is impossible is as good as one of this.
        logprob=max(token.logprob, -9999.0),
        bytes=list(token.piece),
    )
