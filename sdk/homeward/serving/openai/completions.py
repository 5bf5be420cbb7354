"""This route answers a prompt by itself, in OpenAI's oldest form. It is asked like any question."""

from collections.abc import AsyncIterator
from typing import Any, Literal

from fastapi import APIRouter, Request
from pydantic import BaseModel, ConfigDict, Field, model_validator
from starlette.responses import Response, StreamingResponse

from homeward.serving.answering import Ending, ServedReply, answered
from homeward.serving.chat.question import ClientQuestion, Drawing, Personal
from homeward.serving.limits import Told, Word
from homeward.serving.openai.answers import Usage
from homeward.serving.openai.chat import EVENTS, usage_of
from homeward.serving.openai.requests import StreamOptions
from homeward.serving.openai.unsupported import OF_COMPLETIONS, refuse_unsupported
from homeward.serving.provenance import ReplyProvenance
from homeward.serving.service import Serving

router = APIRouter(prefix="/v1", tags=["openai"])


class CompletionRequest(BaseModel):
    """A prompt, which is answered as a question without a past."""

    model_config = ConfigDict(extra="ignore")

    model: str = ""
    prompt: Told
    stream: bool = False
    stream_options: StreamOptions | None = None
    temperature: float | None = Field(None, ge=0, le=2)
    top_p: float | None = Field(None, gt=0, le=1)
    max_tokens: int | None = Field(None, ge=1, le=1_000_000)
    stop: Word | list[Word] | None = None
    seed: int | None = Field(None, ge=0, lt=2**32 - 1)
    presence_penalty: float | None = Field(None, ge=-2, le=2)
    frequency_penalty: float | None = Field(None, ge=-2, le=2)
    store: bool | None = None
    homeward: Personal = Field(default_factory=Personal)

    @model_validator(mode="before")
    @classmethod
    def _asks_what_can_be_done(cls, given: Any) -> Any:  # noqa: ANN401  whatever a client sends
        refuse_unsupported(given, OF_COMPLETIONS)
        return given

    @property
    def question(self) -> ClientQuestion:
        """What it asks."""
        stop = [self.stop] if isinstance(self.stop, str) else self.stop or []
        drawing = Drawing(
            temperature=self.temperature,
            top_p=self.top_p,
            most=self.max_tokens,
            stop=tuple(filter(None, stop)),
            seed=self.seed,
            presence_penalty=self.presence_penalty or 0.0,
            frequency_penalty=self.frequency_penalty or 0.0,
        )
        return ClientQuestion(
            self.prompt,
            model=self.model,
            drawing=drawing,
            personal=self.homeward,
            incognito=self.store is False,
        )


class CompletionText(BaseModel):
    """The reply, or a piece of it."""

    index: int = 0
    text: str
    logprobs: None = None
    finish_reason: Literal["stop", "length"] | None = None


class Completion(BaseModel):
    """A reply, or a piece of one."""

    id: str
    object: Literal["text_completion"] = "text_completion"
    created: int
    model: str
    choices: list[CompletionText]
    usage: Usage | None = None
    homeward: ReplyProvenance | None = None


@router.post("/completions", response_model=Completion)
async def complete(asked: CompletionRequest, request: Request, service: Serving) -> Response:
    """Answer a prompt; with `stream`, piece by piece as server-sent events."""
    answer = await answered(service, request, asked.question)
    if asked.stream:
        usage = bool(asked.stream_options and asked.stream_options.include_usage)
        return StreamingResponse(_events(answer, usage=usage), media_type=EVENTS)
    reply = await answer.whole(request)
    whole = _completion(answer, CompletionText(text=reply.text_so_far, finish_reason=_end(answer)))
    whole.usage, whole.homeward = usage_of(answer), answer.provenance
    return Response(whole.model_dump_json(), media_type="application/json")


async def _events(answer: ServedReply, *, usage: bool) -> AsyncIterator[str]:
    async for piece in answer.pieces():
        if isinstance(piece, str):
            yield _event(_completion(answer, CompletionText(text=piece)))
    last = _completion(answer, CompletionText(text="", finish_reason=_end(answer)))
    last.homeward = answer.provenance
    yield _event(last)
    if usage:
        counted = _completion(answer)
        counted.usage = usage_of(answer)
        yield _event(counted)
    yield "data: [DONE]\n\n"


def _completion(answer: ServedReply, *texts: CompletionText) -> Completion:
    return Completion(
        id=f"cmpl-{answer.key}", created=answer.created, model=answer.model, choices=list(texts)
    )


def _event(sent: Completion) -> str:
    return f"data: {sent.model_dump_json(exclude_none=True)}\n\n"


def _end(answer: ServedReply) -> Literal["stop", "length"]:
    return "length" if answer.ending is Ending.CUT else "stop"
