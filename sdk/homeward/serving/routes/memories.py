"""These routes search, add, edit and forget memories, and preview what forgetting would erase."""

from typing import Annotated

from fastapi import APIRouter, Query
from pydantic import AwareDatetime, BaseModel, Field

from homeward.assistant import Assistant
from homeward.errors import InvalidArgument
from homeward.memory.recall import Match
from homeward.memory.unremembered import Remembered
from homeward.policy.gate import PRIVATE, UseContext
from homeward.serving.limits import Noted, Said, Words
from homeward.serving.routes.parameters import Before, Id, Limit, Reader, shown_to
from homeward.serving.routes.shapes import (
    MemoryOut,
    PlanOut,
    RecalledOut,
    ReceiptOut,
    RememberedOut,
)
from homeward.serving.service import Serving
from homeward_store import (
    AttributeId,
    ChoiceId,
    Memory,
    MemoryId,
    NoteId,
    NotFound,
    Plan,
    Receipt,
    Selection,
    TurnId,
    WritingId,
)

router = APIRouter(prefix="/homeward/v1", tags=["memories"])

_Number = Annotated[int, Field(ge=1, le=2**63 - 1)]
_Numbers = Annotated[tuple[_Number, ...], Field(max_length=10_000)]


class NewText(BaseModel):
    """Words to be kept as they are."""

    text: Noted


class RecallRequest(BaseModel):
    """A question to recall memories for."""

    question: Said
    audience: str = Field(
        PRIVATE, max_length=200, description="The audience that would read the reply."
    )
    purpose: str = Field("chat", max_length=200, description="The purpose of the reply.")

    @property
    def use_context(self) -> UseContext:
        """The use context that the rules are applied to."""
        return UseContext(self.audience, self.purpose)


class Edited(BaseModel):
    """The memories of the new words, and the receipt of the old ones."""

    memories: list[MemoryOut]
    receipt: ReceiptOut


class What(BaseModel):
    """A selection to forget: everything that any of its fields names."""

    attributes: _Numbers = ()
    keys: Words = ()
    turns: _Numbers = ()
    conversations: Words = ()
    writings: _Numbers = ()
    choices: _Numbers = ()
    notes: _Numbers = ()
    memories: _Numbers = ()
    topic: str = Field(
        "", max_length=1000, description="Select records that contain all of these words."
    )
    since: AwareDatetime | None = Field(None, description="Select records from this time on.")
    until: AwareDatetime | None = Field(None, description="Select records from before this time.")
    everything: bool = False

    def selection(self) -> Selection:
        """The same, as the store takes it."""
        return Selection(
            attributes=tuple(map(AttributeId, self.attributes)),
            keys=self.keys,
            turns=tuple(map(TurnId, self.turns)),
            conversations=self.conversations,
            writings=tuple(map(WritingId, self.writings)),
            choices=tuple(map(ChoiceId, self.choices)),
            notes=tuple(map(NoteId, self.notes)),
            memories=tuple(map(MemoryId, self.memories)),
            topic=self.topic,
            since=self.since,
            until=self.until,
            everything=self.everything,
        )


@router.get("/memories", response_model=list[MemoryOut])
async def memories(
    service: Serving,
    words: Annotated[str, Query(max_length=1000, description="Best match first.")] = "",
    reader: Reader = None,
    before: Before = None,
    limit: Limit = 100,
) -> list[Memory]:
    """List memories, newest first, or search them by their words."""

    def find(me: Assistant) -> list[Memory]:
        stored = me.profile.memories
        if words:
            hits = stored.match(words, limit=limit if reader is None else stored.count())
            return shown_to(me, reader, stored.get([hit.memory for hit in hits]))[:limit]
        older = [one for one in stored.all() if before is None or one.id < before]
        return shown_to(me, reader, older)[: -limit - 1 : -1]

    return await service.me.run(find)


@router.post("/memories", response_model=RememberedOut, status_code=201)
async def remember(given: NewText, service: Serving) -> Remembered:
    """Keep a text word for word; returns what of it became memories, and what did not, and why."""
    return await service.me.remember(given.text)


@router.get("/memories/{number}", response_model=MemoryOut)
async def memory(number: Id, service: Serving) -> Memory:
    """One memory."""
    return await service.me.run(lambda me: one_memory(me, number))


@router.put("/memories/{number}", response_model=Edited)
async def edit(number: Id, given: NewText, service: Serving) -> Edited:
    """Replace a memory: the new text is stored as a note, and the old memory is forgotten."""

    def work(me: Assistant) -> tuple[Remembered, Receipt]:
        old = one_memory(me, number)
        with me.profile.transaction():
            new = me.remember(given.text)
            if not new:
                reasons = "; ".join(dict.fromkeys(one.says for one in new.unremembered))
                raise InvalidArgument(
                    f"these words are not remembered: {reasons or 'there are none'}"
                )
        return new, service.forget(me, Selection(memories=(old.id,)))

    new, receipt = await service.me.run(work)
    return Edited(
        memories=[MemoryOut.model_validate(one) for one in new],
        receipt=ReceiptOut.model_validate(receipt),
    )


@router.delete("/memories/{number}", response_model=ReceiptOut)
async def forget_memory(number: Id, service: Serving) -> Receipt:
    """Forget one memory, where it came from, and what was built on it."""
    return await service.me.run(
        lambda me: service.forget(me, Selection(memories=(one_memory(me, number).id,)))
    )


@router.post("/recall", response_model=list[RecalledOut])
async def recall(asked: RecallRequest, service: Serving) -> list[Match]:
    """Return the memories that would be quoted for a question, best first."""
    return await service.me.run(lambda me: me.recall(asked.question, use_context=asked.use_context))


@router.post("/plan", response_model=PlanOut)
async def plan(what: What, service: Serving) -> Plan:
    """Show what `forget` would take; changes nothing."""
    return await service.me.run(lambda me: me.profile.plan(what.selection()))


@router.post("/forget", response_model=ReceiptOut)
async def forget(what: What, service: Serving) -> Receipt:
    """Erase the selected records, their sources and everything derived from them."""
    return await service.me.run(lambda me: service.forget(me, what.selection()))


def one_memory(me: Assistant, number: int) -> Memory:
    """Return a memory; NotFound where there is none of this number."""
    found = me.profile.memories.get([MemoryId(number)])
    if not found:
        raise NotFound(f"there is no memory {number}")
    return found[0]
