"""
This route answers in the form of OpenAI's Responses interface.

The id of a response is that of the turn that it is recorded in, so `previous_response_id` continues
a conversation of Homeward's, before the same audience and for the same purpose.

Source:
    OpenAI API reference, responses and their streaming events.
"""

import re
from collections.abc import AsyncIterator, Iterator
from typing import Any

from fastapi import APIRouter, Request
from pydantic import BaseModel
from starlette.responses import JSONResponse, Response, StreamingResponse

from homeward.prompting.thoughts import Thought
from homeward.prompting.tool_calls import CallPiece
from homeward.serving.answering import Ending, ServedReply, answered, own_part
from homeward.serving.events import MEDIA_TYPE, event
from homeward.serving.failures import Failure
from homeward.serving.openai.response_requests import ResponseRequest, question_of
from homeward.serving.service import Serving
from homeward_store import TurnId

router = APIRouter(prefix="/v1", tags=["openai"])

_ID = re.compile(r"resp_(\d{1,15})_[0-9a-f]{24}")
_Values = dict[str, Any]


class ModelResponse(BaseModel):
    """A response. What it was built on is under `homeward`."""

    id: str
    object: str
    created_at: int
    status: str
    model: str
    output: list[_Values]
    usage: _Values | None
    homeward: _Values | None


@router.post(
    "/responses",
    response_model=ModelResponse,
    responses={200: {"content": {MEDIA_TYPE: {"schema": {"type": "string"}}}}},
)
async def respond(asked: ResponseRequest, request: Request, service: Serving) -> Response:
    """Answer `input`; with `stream`, as events. `store: false` leaves nothing behind."""
    waiting = None
    if asked.previous_response_id is not None:
        turn = _turn_of(asked.previous_response_id)
        context = own_part(request, asked.homeward).use_context
        waiting = await service.me.run(lambda me: service.chats.after(me, turn, context))
    answer = await answered(service, request, question_of(asked, waiting))
    made = _Made(answer, asked)
    if asked.stream:
        return StreamingResponse(_events(made), media_type=MEDIA_TYPE)
    await answer.whole(request)
    return JSONResponse(made.whole())


def _turn_of(identifier: str) -> TurnId:
    found = _ID.fullmatch(identifier)
    if found is None:
        raise Failure(
            404,
            "previous_response_not_found",
            "no response of that id is stored; one with `store`: false is not",
            param="previous_response_id",
        )
    return TurnId(int(found[1]))


class _Made:
    """A response as it is made: its items, and the events that tell of them."""

    def __init__(self, answer: ServedReply, asked: ResponseRequest) -> None:
        self.answer, self._asked = answer, asked
        self._items: list[_Values] = []
        self._sequence = 0

    def begun(self) -> Iterator[str]:
        """Yield the events before the first piece."""
        for kind in ("response.created", "response.in_progress"):
            yield self._event(kind, response=self._response("in_progress"))

    def of(self, piece: str | Thought | CallPiece) -> Iterator[str]:
        """Yield the events of a piece."""
        if isinstance(piece, str):
            yield from self._text(piece)
        elif isinstance(piece, Thought):
            if piece.text:
                yield from self._thought(piece.text)
        else:
            yield from self._call(piece)

    def ended(self) -> Iterator[str]:
        """Yield the events after the last piece."""
        yield from self._end_item()
        kind = "incomplete" if self.answer.ending is Ending.CUT else "completed"
        yield self._event(f"response.{kind}", response=self.whole(self._items))

    def whole(self, items: list[_Values] | None = None) -> _Values:
        """Return the response once it has ended."""
        if items is None:
            for piece in self._pieces():
                for _ in self.of(piece):
                    pass
            for _ in self._end_item():
                pass
        cut = self.answer.ending is Ending.CUT
        response = self._response("incomplete" if cut else "completed")
        counted = self.answer.counted
        return response | {
            "output": self._items,
            "incomplete_details": {"reason": "max_output_tokens"} if cut else None,
            "usage": {
                "input_tokens": counted.read,
                "input_tokens_details": {"cached_tokens": counted.reused, "cache_write_tokens": 0},
                "output_tokens": counted.written,
                "output_tokens_details": {"reasoning_tokens": counted.thought},
                "total_tokens": counted.read + counted.written,
            },
            "homeward": self.answer.provenance.model_dump(mode="json"),
        }

    def _pieces(self) -> Iterator[str | Thought | CallPiece]:
        """Yield the whole reply as pieces."""
        reply = self.answer.reply.finished
        yield Thought(reply.thought_so_far)
        if reply.text_so_far or not reply.calls:
            yield reply.text_so_far
        for at, call in enumerate(reply.calls):
            yield CallPiece(at, call.name)
            yield CallPiece(at, arguments=call.arguments)

    def _response(self, status: str) -> _Values:
        asked, answer = self._asked, self.answer
        turn = answer.reply.turn
        return {
            "id": f"resp_{answer.key}" if turn is None else f"resp_{turn}_{answer.key}",
            "object": "response",
            "created_at": answer.created,
            "status": status,
            "error": None,
            "incomplete_details": None,
            "instructions": asked.instructions,
            "max_output_tokens": asked.max_output_tokens,
            "model": answer.model,
            "output": [],
            "parallel_tool_calls": asked.parallel_tool_calls is not False,
            "previous_response_id": asked.previous_response_id,
            "store": asked.store is not False,
            "temperature": asked.temperature,
            "text": {"format": {"type": "text"}},
            "tool_choice": "auto",
            "tools": [],
            "top_p": asked.top_p,
            "truncation": "auto",
            "usage": None,
            "metadata": {},
            "homeward": None,
        }

    def _text(self, text: str) -> Iterator[str]:
        yield from self._begin_item("message", "msg", role="assistant", content=[])
        item = self._items[-1]
        at = {"item_id": item["id"], "output_index": len(self._items) - 1, "content_index": 0}
        if not item["content"]:
            item["content"].append(
                {"type": "output_text", "text": "", "annotations": [], "logprobs": []}
            )
            yield self._event("response.content_part.added", **at, part=dict(item["content"][0]))
        item["content"][0]["text"] += text
        yield self._event("response.output_text.delta", **at, delta=text, logprobs=[])

    def _thought(self, text: str) -> Iterator[str]:
        yield from self._begin_item("reasoning", "rs", summary=[], content=[])
        item = self._items[-1]
        if not item["content"]:
            item["content"].append({"type": "reasoning_text", "text": ""})
        item["content"][0]["text"] += text
        at = {"item_id": item["id"], "output_index": len(self._items) - 1, "content_index": 0}
        yield self._event("response.reasoning_text.delta", **at, delta=text)

    def _call(self, piece: CallPiece) -> Iterator[str]:
        if piece.name:
            yield from self._end_item()
            yield from self._begin_item(
                "function_call",
                "fc",
                call_id=self.answer.call_id(piece.index),
                name=piece.name,
                arguments="",
            )
        if piece.arguments:
            item = self._items[-1]
            item["arguments"] += piece.arguments
            at = {"item_id": item["id"], "output_index": len(self._items) - 1}
            yield self._event("response.function_call_arguments.delta", **at, delta=piece.arguments)

    def _begin_item(self, kind: str, prefix: str, **values: object) -> Iterator[str]:
        """Begin an item, unless the one that is open is of this kind."""
        if self._items and self._items[-1]["status"] == "in_progress":
            if self._items[-1]["type"] == kind:
                return
            yield from self._end_item()
        number = len(self._items)
        item = {"id": f"{prefix}_{self.answer.key}{number}", "type": kind, **values}
        item["status"] = "in_progress"
        self._items.append(item)
        yield self._event("response.output_item.added", output_index=number, item=_copied(item))

    def _end_item(self) -> Iterator[str]:
        if not self._items or self._items[-1]["status"] != "in_progress":
            return
        item, number = self._items[-1], len(self._items) - 1
        at = {"item_id": item["id"], "output_index": number}
        if item["type"] == "function_call":
            yield self._event(
                "response.function_call_arguments.done",
                **at,
                name=item["name"],
                arguments=item["arguments"],
            )
        elif item["content"]:
            part = item["content"][0]
            name = "output_text" if item["type"] == "message" else "reasoning_text"
            said = {"text": part["text"]} | ({"logprobs": []} if item["type"] == "message" else {})
            yield self._event(f"response.{name}.done", **at, content_index=0, **said)
            if item["type"] == "message":
                yield self._event("response.content_part.done", **at, content_index=0, part=part)
        item["status"] = "completed"
        yield self._event("response.output_item.done", output_index=number, item=item)

    def _event(self, kind: str, **content: object) -> str:
        self._sequence += 1
        return event(kind, {"sequence_number": self._sequence - 1, **content})


def _copied(item: _Values) -> _Values:
    return {key: list(value) if isinstance(value, list) else value for key, value in item.items()}


async def _events(made: _Made) -> AsyncIterator[str]:
    for sent in made.begun():
        yield sent
    async for piece in made.answer.pieces():
        for sent in made.of(piece):
            yield sent
    for sent in made.ended():
        yield sent
