"""
This route answers in the form of Anthropic's Messages interface.

Source:
    Anthropic API reference, messages and their streaming events.
"""

import json
from collections.abc import AsyncIterator, Iterator
from typing import Any

from fastapi import APIRouter, Request
from pydantic import BaseModel
from starlette.responses import JSONResponse, Response, StreamingResponse

from homeward.prompting.thoughts import Thought
from homeward.prompting.tool_calls import CallPiece
from homeward.serving.answering import Ending, ServedReply, answered
from homeward.serving.anthropic.requests import MessageRequest, question_of
from homeward.serving.events import MEDIA_TYPE, event
from homeward.serving.service import Serving

router = APIRouter(prefix="/v1", tags=["anthropic"])

_Values = dict[str, Any]
_REASONS = {
    Ending.DONE: "end_turn",
    Ending.STOPPED: "stop_sequence",
    Ending.CUT: "max_tokens",
    Ending.CALLS: "tool_use",
}


class MessageOut(BaseModel):
    """A reply. What it was built on is under `homeward`."""

    id: str
    type: str
    role: str
    model: str
    content: list[_Values]
    stop_reason: str | None
    stop_sequence: str | None
    usage: _Values
    homeward: _Values | None


@router.post(
    "/messages",
    response_model=MessageOut,
    responses={200: {"content": {MEDIA_TYPE: {"schema": {"type": "string"}}}}},
)
async def message(asked: MessageRequest, request: Request, service: Serving) -> Response:
    """Answer the last message; with `stream`, as events."""
    answer = await answered(service, request, question_of(asked))
    if asked.stream:
        return StreamingResponse(_events(answer), media_type=MEDIA_TYPE)
    await answer.whole(request)
    return JSONResponse(_whole(answer))


def _whole(answer: ServedReply) -> _Values:
    reply = answer.reply.finished
    content: list[_Values] = []
    if reply.thought_so_far:
        content.append(_begun(answer, Thought("")) | {"thinking": reply.thought_so_far})
    if reply.text_so_far or not reply.calls:
        content.append({"type": "text", "text": reply.text_so_far})
    for at, call in enumerate(reply.calls):
        block = _begun(answer, CallPiece(at, call.name))
        content.append(block | {"input": json.loads(call.arguments) if call.complete else {}})
    return _frame(answer) | {
        "content": content,
        **_end(answer),
        "usage": _usage(answer),
        "homeward": answer.provenance.model_dump(mode="json"),
    }


def _frame(answer: ServedReply) -> _Values:
    return {
        "id": f"msg_{answer.key}",
        "type": "message",
        "role": "assistant",
        "model": answer.model,
        "content": [],
        "stop_reason": None,
        "stop_sequence": None,
        "usage": {"input_tokens": 0, "output_tokens": 0},
        "homeward": None,
    }


def _end(answer: ServedReply) -> _Values:
    ending = answer.ending
    found = answer.reply.finished.stop_found if ending is Ending.STOPPED else None
    return {"stop_reason": _REASONS[ending], "stop_sequence": found}


def _usage(answer: ServedReply) -> _Values:
    counted = answer.counted
    return {
        "input_tokens": counted.read - counted.reused,
        "cache_read_input_tokens": counted.reused,
        "output_tokens": counted.written,
    }


def _begun(answer: ServedReply, piece: str | Thought | CallPiece) -> _Values:
    """Return the block that a piece begins, without what the piece says."""
    if isinstance(piece, str):
        return {"type": "text", "text": ""}
    if isinstance(piece, Thought):
        return {"type": "thinking", "thinking": "", "signature": ""}
    return {
        "type": "tool_use",
        "id": answer.call_id(piece.index),
        "name": piece.name,
        "input": {},
    }


def _delta(piece: str | Thought | CallPiece) -> _Values:
    if isinstance(piece, str):
        return {"type": "text_delta", "text": piece}
    if isinstance(piece, Thought):
        return {"type": "thinking_delta", "thinking": piece.text}
    return {"type": "input_json_delta", "partial_json": piece.arguments}


class _Blocks:
    """The events of a reply's blocks, one after the other."""

    def __init__(self, answer: ServedReply) -> None:
        self._answer = answer
        self._open: type[Any] | None = None
        self._number = -1

    def of(self, piece: str | Thought | CallPiece) -> Iterator[str]:
        """Yield the events of a piece."""
        if isinstance(piece, Thought) and not piece.text:
            return
        begins_call = isinstance(piece, CallPiece) and bool(piece.name)
        if type(piece) is not self._open or begins_call:
            yield from self.end()
            self._open = type(piece)
            self._number += 1
            block = _begun(self._answer, piece)
            yield event("content_block_start", {"index": self._number, "content_block": block})
        if not isinstance(piece, CallPiece) or piece.arguments:
            yield event("content_block_delta", {"index": self._number, "delta": _delta(piece)})

    def end(self) -> Iterator[str]:
        """Yield the end of the block that is open."""
        if self._open is not None:
            yield event("content_block_stop", {"index": self._number})
        self._open = None


async def _events(answer: ServedReply) -> AsyncIterator[str]:
    yield event("message_start", {"message": _frame(answer)})
    blocks = _Blocks(answer)
    async for piece in answer.pieces():
        for sent in blocks.of(piece):
            yield sent
    for sent in blocks.end():
        yield sent
    provenance = answer.provenance.model_dump(mode="json")
    ended = {"delta": _end(answer), "usage": _usage(answer), "homeward": provenance}
    yield event("message_delta", ended)
    yield event("message_stop", {})
