"""Routes that read and edit the rules for where tagged items may be used."""

from typing import Annotated

from fastapi import APIRouter
from pydantic import BaseModel, Field

from homeward.assistant import Assistant
from homeward.policy.gate import Rule
from homeward.serving.limits import Word
from homeward.serving.routes.memories import one_memory
from homeward.serving.routes.parameters import Id, Name
from homeward.serving.routes.shapes import MemoryOut, NewTags, RecordShape
from homeward.serving.service import Serving
from homeward_store import Memory, NotFound

router = APIRouter(prefix="/homeward/v1", tags=["rules"])


class RuleOut(RecordShape):
    """Items tagged `tag` are used only for these audiences and purposes; null: any, empty: none."""

    name: str
    tag: str
    audiences: frozenset[str] | None
    purposes: frozenset[str] | None
    about_self: bool = Field(description="Only for questions about the person.")


class RulesOut(BaseModel):
    """The rules in order; the first rule that forbids a use decides."""

    edited: bool
    rules: list[RuleOut]


class NewRule(BaseModel):
    """A rule; its name is in the path."""

    tag: str = Field(min_length=1, max_length=200)
    audiences: Annotated[frozenset[Word], Field(max_length=100)] | None = None
    purposes: Annotated[frozenset[Word], Field(max_length=100)] | None = None
    about_self: bool = False


@router.get("/rules")
async def rules(service: Serving) -> RulesOut:
    """Return the rules that apply."""
    return await service.me.run(_shown)


@router.delete("/rules")
async def restore(service: Serving) -> RulesOut:
    """Replace the person's rules by the default rules."""

    def work(me: Assistant) -> RulesOut:
        me.rules.restore()
        return _shown(me)

    return await service.me.run(work)


@router.put("/rules/{name}")
async def set_rule(name: Name, given: NewRule, service: Serving) -> RulesOut:
    """Add a rule, or replace the rule of this name."""
    rule = Rule(name, given.tag, given.audiences, given.purposes, about_self=given.about_self)

    def work(me: Assistant) -> RulesOut:
        me.rules.set(rule)
        return _shown(me)

    return await service.me.run(work)


@router.delete("/rules/{name}")
async def remove_rule(name: Name, service: Serving) -> RulesOut:
    """Remove a rule. Items that no other rule forbids are used again."""

    def work(me: Assistant) -> RulesOut:
        if name not in {one.name for one in me.rules.all()}:
            raise NotFound("there is no rule of this name; GET /homeward/v1/rules lists them")
        me.rules.remove(name)
        return _shown(me)

    return await service.me.run(work)


@router.put("/memories/{number}/tags", response_model=MemoryOut)
async def tag(number: Id, given: NewTags, service: Serving) -> Memory:
    """Replace a memory's tags; the rules apply to them."""

    def work(me: Assistant) -> Memory:
        me.tag(one_memory(me, number).id, *given.tags)
        return one_memory(me, number)

    return await service.me.run(work)


def _shown(me: Assistant) -> RulesOut:
    found = [RuleOut.model_validate(one) for one in me.rules.all()]
    return RulesOut(edited=me.rules.edited, rules=found)
