"""What the person decides about being remembered: the gate's rules, topics, and what waits."""

from fastapi import APIRouter
from pydantic import BaseModel, Field

from homeward.assistant import Assistant
from homeward.gate import Rule
from homeward.serving.routes.ids import Id, Name
from homeward.serving.routes.shapes import MemoryOut, Record
from homeward.serving.service import Serving
from homeward_store import Memory, MemoryId, NotFound

router = APIRouter(prefix="/homeward/v1", tags=["wishes"])


class RuleOut(Record):
    """What carries `tag` is used only in the moments that fit; null is any, empty is none."""

    name: str
    tag: str
    audiences: frozenset[str] | None
    purposes: frozenset[str] | None
    about_self: bool = Field(description="Only where the question is about the person.")


class NewRule(BaseModel):
    """A rule to add, or to put in the place of the one of its name."""

    tag: str = Field(min_length=1, max_length=100)
    audiences: frozenset[str] | None = None
    purposes: frozenset[str] | None = None
    about_self: bool = False


class WishesBody(BaseModel):
    """Whether memories wait for the person, and words of which nothing is remembered."""

    review: bool
    denied_topics: list[str] = Field(max_length=500)


@router.get("/rules")
async def rules(service: Serving) -> list[RuleOut]:
    """The rules of the gate, in the order in which they are asked."""
    return await service.me.run(_rules)


@router.put("/rules/{name}")
async def set_rule(name: Name, given: NewRule, service: Serving) -> list[RuleOut]:
    """Add a rule or replace one; it holds from the next question on."""

    def work(me: Assistant) -> list[RuleOut]:
        me.rules.set(Rule(name, given.tag, given.audiences, given.purposes, given.about_self))
        return _rules(me)

    return await service.me.run(work)


@router.delete("/rules/{name}")
async def remove_rule(name: Name, service: Serving) -> list[RuleOut]:
    """Take a rule away: what only it forbade is then used."""

    def work(me: Assistant) -> list[RuleOut]:
        try:
            me.rules.remove(name)
        except KeyError:
            raise NotFound("no rule has this name") from None
        return _rules(me)

    return await service.me.run(work)


@router.delete("/rules")
async def restore_rules(service: Serving) -> list[RuleOut]:
    """Go back to the rules that applied before the person edited any."""

    def work(me: Assistant) -> list[RuleOut]:
        me.rules.restore()
        return _rules(me)

    return await service.me.run(work)


@router.get("/wishes")
async def wishes(service: Serving) -> WishesBody:
    """How the person wants to be remembered."""
    return await service.me.run(_wishes)


@router.put("/wishes")
async def wish(given: WishesBody, service: Serving) -> WishesBody:
    """Change it, from the next message on; memories that are there already stay."""

    def work(me: Assistant) -> WishesBody:
        me.wishes.set_review(on=given.review)
        me.wishes.deny(*given.denied_topics)
        return _wishes(me)

    return await service.me.run(work)


@router.get("/review", response_model=list[MemoryOut])
async def waiting(service: Serving) -> list[Memory]:
    """List the memories that wait for the person, oldest first."""
    return await service.me.run(lambda me: me.review.waiting())


@router.post("/review/{number}", status_code=204)
async def accept(number: Id, service: Serving) -> None:
    """Let a memory that waits be recalled."""
    await service.me.run(lambda me: me.review.accept(MemoryId(number)))


@router.delete("/review/{number}", status_code=204)
async def reject(number: Id, service: Serving) -> None:
    """Remove a memory that waits; the turn that it was taken from stays."""
    await service.me.run(lambda me: me.review.reject(MemoryId(number)))


def _rules(me: Assistant) -> list[RuleOut]:
    return [RuleOut.model_validate(one) for one in me.rules.all()]


def _wishes(me: Assistant) -> WishesBody:
    return WishesBody(review=me.wishes.review(), denied_topics=list(me.wishes.denied_topics()))
