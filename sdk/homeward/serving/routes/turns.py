"""These routes show conversations, and what each answer used and withheld."""

from typing import Any

from fastapi import APIRouter
from pydantic import BaseModel, Field

from homeward.assistant import Assistant
from homeward.conversation.sources import Sources
from homeward.serving.learned_use import LearnedUseOut
from homeward.serving.routes.parameters import Before, Id, Limit, Name, Reader
from homeward.serving.routes.shapes import (
    AttributeOut,
    ChoiceOut,
    MemoryOut,
    ReceiptOut,
    TurnOut,
    WithheldOut,
)
from homeward.serving.service import Serving
from homeward_store import NotFound, Receipt, Selection, Turn, TurnId

router = APIRouter(prefix="/homeward/v1", tags=["answers"])

_LOOKED_THROUGH = 100_000  # turns, for `before`


class UsedOut(BaseModel):
    """The sources of replies, as far as they still exist."""

    attributes: list[AttributeOut]
    memories: list[MemoryOut]
    examples: list[ChoiceOut] = Field(description="Choices that the model was shown as examples.")
    images: list[str] = Field(description="Names of the files that the model was shown.")
    learned: list[LearnedUseOut]
    turns: list[TurnOut] = Field(description="Earlier exchanges in the prompt.")


class AnswerOut(UsedOut):
    """A turn, what its reply was built on, also through earlier replies, and what was denied it."""

    turn: TurnOut
    through: UsedOut | None = Field(
        description="The records that the replies of `turns` were built on."
    )
    withheld: list[WithheldOut]


@router.get("/conversations")
async def conversations(service: Serving) -> list[str]:
    """The names of the conversations, the most recently used first."""
    return await service.me.run(lambda me: me.profile.turns.conversations())


@router.get("/conversations/{name}", response_model=list[TurnOut])
async def conversation(name: Name, service: Serving, reader: Reader = None) -> list[Turn]:
    """The turns of a conversation, oldest first; each audience and purpose has its own."""
    found = await service.me.run(lambda me: me.profile.turns.conversation(name, use_context=reader))
    if not found:
        raise NotFound("there is no conversation of this name")
    return found


@router.delete("/conversations/{name}", response_model=ReceiptOut)
async def forget_conversation(name: Name, service: Serving) -> Receipt:
    """Forget a conversation and what was derived from it."""
    return await service.me.run(lambda me: service.forget(me, Selection(conversations=(name,))))


@router.get("/answers")
async def answers(service: Serving, before: Before = None, limit: Limit = 50) -> list[AnswerOut]:
    """The newest answers of all conversations, newest first."""

    def find(me: Assistant) -> list[AnswerOut]:
        turns = me.profile.turns.latest(limit if before is None else _LOOKED_THROUGH)
        older = [one for one in turns if before is None or one.id < before]
        return [_answer(me, one) for one in older[:limit]]

    return await service.me.run(find)


@router.get("/answers/{number}")
async def answer(number: Id, service: Serving) -> AnswerOut:
    """One answer."""

    def find(me: Assistant) -> AnswerOut:
        turn = me.profile.turns.get(TurnId(number))
        if turn is None:
            raise NotFound(f"there is no turn {number}")
        return _answer(me, turn)

    return await service.me.run(find)


def _answer(me: Assistant, turn: Turn) -> AnswerOut:
    sources = me.why(turn.id)
    return AnswerOut(
        **_used(sources),
        turn=TurnOut.model_validate(turn),
        through=None if sources.through is None else UsedOut(**_used(sources.through)),
        withheld=[WithheldOut.model_validate(one) for one in sources.withheld],
    )


def _used(sources: Sources) -> dict[str, Any]:
    return {
        "attributes": [AttributeOut.model_validate(one) for one in sources.attributes],
        "memories": [MemoryOut.model_validate(one) for one in sources.memories],
        "examples": [ChoiceOut.model_validate(one) for one in sources.examples],
        "images": list(sources.images),
        "learned": [LearnedUseOut.of(one) for one in sources.learned],
        "turns": [TurnOut.model_validate(one) for one in sources.turns],
    }
