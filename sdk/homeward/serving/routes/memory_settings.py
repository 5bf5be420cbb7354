"""These routes edit denied topics and the review queue."""

from fastapi import APIRouter
from pydantic import BaseModel, Field

from homeward.assistant import Assistant
from homeward.serving.limits import Word
from homeward.serving.routes.parameters import Id
from homeward.serving.routes.shapes import MemoryOut
from homeward.serving.service import Serving
from homeward_store import Memory, MemoryId

router = APIRouter(prefix="/homeward/v1", tags=["wishes"])


class WishesBody(BaseModel):
    """Whether memories wait for the person, and words of which nothing is remembered."""

    review: bool
    denied_topics: list[Word] = Field(max_length=500)


class Wished(WishesBody):
    """The settings as they are now, and what was switched off because of a new topic."""

    switched_off: list[str]


@router.get("/wishes")
async def wishes(service: Serving) -> WishesBody:
    """The person's memory settings."""
    return await service.me.run(_wishes)


@router.put("/wishes")
async def wish(given: WishesBody, service: Serving) -> Wished:
    """
    Change it, from the next message on; memories that are there already stay.

    What was learned from texts about a new topic is switched off.
    """

    def work(me: Assistant) -> Wished:
        me.wishes.set_review(on=given.review)
        went_off = me.wishes.deny(*given.denied_topics)
        return Wished(**_wishes(me).model_dump(), switched_off=list(went_off))

    return await service.me.run(work)


@router.get("/review", response_model=list[MemoryOut])
async def waiting(service: Serving) -> list[Memory]:
    """List the memories that wait for the person, oldest first."""
    return await service.me.run(lambda me: me.review.waiting())


@router.post("/review/{number}", status_code=204)
async def accept(number: Id, service: Serving) -> None:
    """Approve a memory in review, so that it can be recalled."""
    await service.me.run(lambda me: me.review.accept(MemoryId(number)))


@router.delete("/review/{number}", status_code=204)
async def reject(number: Id, service: Serving) -> None:
    """Remove a memory that waits; the turn that it was taken from stays."""
    await service.me.run(lambda me: me.review.reject(MemoryId(number)))


def _wishes(me: Assistant) -> WishesBody:
    return WishesBody(review=me.wishes.review(), denied_topics=list(me.wishes.denied_topics()))
