"""These routes list and add writings and choices."""

from fastapi import APIRouter
from pydantic import BaseModel, Field

from homeward.memory.unremembered import Original, Remembered
from homeward.serving.limits import Noted, Said, Written
from homeward.serving.routes.parameters import Before, Limit
from homeward.serving.routes.shapes import ChoiceOut, OriginalOut, RememberedOut, WritingOut
from homeward.serving.service import Serving
from homeward_store import Choice, ChoiceSource, TurnId, Writing

router = APIRouter(prefix="/homeward/v1", tags=["given"])


class NewWriting(BaseModel):
    """A text that the person wrote."""

    text: Written
    title: str | None = Field(None, max_length=1000)


class NewChoice(BaseModel):
    """Which of two replies the person preferred."""

    prompt: Said
    chosen: Noted
    rejected: Said
    source: ChoiceSource = ChoiceSource.EXPLICIT
    turn: int | None = Field(None, ge=1, le=2**63 - 1)


@router.get("/writings", response_model=list[WritingOut])
async def writings(service: Serving, before: Before = None, limit: Limit = 100) -> list[Writing]:
    """List writings, newest first."""
    found = await service.me.run(lambda me: me.profile.writings.all())
    return [one for one in found if before is None or one.id < before][: -limit - 1 : -1]


@router.post("/writings", response_model=RememberedOut, status_code=201)
async def write(given: NewWriting, service: Serving) -> Remembered:
    """Keep a text that the person wrote; returns what of it became memories, and what did not."""
    return await service.me.run(lambda me: me.write(given.text, title=given.title))


@router.get("/unremembered", response_model=list[OriginalOut])
async def unremembered(service: Serving, limit: Limit = 100) -> list[Original]:
    """List the notes, writings and questions of which not all is remembered, newest first."""
    return await service.me.run(lambda me: me.unremembered(limit=limit))


@router.get("/choices", response_model=list[ChoiceOut])
async def choices(service: Serving, before: Before = None, limit: Limit = 100) -> list[Choice]:
    """List choices, newest first."""
    found = await service.me.run(lambda me: me.profile.choices.all())
    return [one for one in found if before is None or one.id < before][: -limit - 1 : -1]


@router.post("/choices", response_model=ChoiceOut, status_code=201)
async def prefer(given: NewChoice, service: Serving) -> Choice:
    """Store that the person preferred one reply to another."""
    turn = None if given.turn is None else TurnId(given.turn)
    return await service.me.run(
        lambda me: me.prefer(
            given.prompt,
            chosen=given.chosen,
            rejected=given.rejected,
            source=given.source,
            turn=turn,
        )
    )
