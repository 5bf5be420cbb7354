"""This route streams events as server-sent events."""

from collections.abc import AsyncIterator
from dataclasses import asdict
from typing import Any

from fastapi import APIRouter
from pydantic import BaseModel
from starlette.responses import StreamingResponse

from homeward.serving.service import Serving

router = APIRouter(prefix="/homeward/v1", tags=["events"])

_EVENTS = "text/event-stream"


class EventOut(BaseModel):
    """One event: its kind, and the fields of the class of that name in `homeward.events`."""

    kind: str
    about: dict[str, Any]


@router.get(
    "/events",
    response_class=StreamingResponse,
    responses={200: {"content": {_EVENTS: {"schema": EventOut.model_json_schema()}}}},
)
async def events(service: Serving) -> StreamingResponse:
    """Follow memories, erasures, learning, trials and consents that are asked for."""

    async def stream() -> AsyncIterator[str]:
        yield ": what happens from now on\n\n"
        async for event in service.me.events():
            sent = EventOut(kind=type(event).__name__, about=asdict(event))
            yield f"data: {sent.model_dump_json()}\n\n"

    return StreamingResponse(stream(), media_type=_EVENTS)
