"""
Defines the JSON shapes of the store's records under `/homeward/v1`.

Fields are those of the records of the same name; times are ISO 8601 in UTC.
"""

import math
from datetime import datetime

from pydantic import BaseModel, ConfigDict, Field

from homeward.learning.paired_trial import TrialVerdict
from homeward.memory.unremembered import Reason
from homeward.serving.limits import Word
from homeward_store import (
    Category,
    ChoiceSource,
    Erasure,
    Origin,
    Purpose,
    SourceKind,
)

Value = str | bool | int | float | tuple[str, ...]


class RecordShape(BaseModel):
    """Read off a record of the store, field by field."""

    model_config = ConfigDict(from_attributes=True)


class SpanOut(RecordShape):
    """The place that a memory was taken from."""

    kind: SourceKind
    id: int
    start: int
    end: int


class AttributeOut(RecordShape):
    """A static fact about the person."""

    id: int
    key: str
    value: Value
    origin: Origin
    tags: tuple[str, ...]
    learned_at: datetime
    valid_from: datetime
    valid_until: datetime | None
    superseded_by: int | None


class MemoryOut(RecordShape):
    """A span of a turn, writing, choice or note that recall can return."""

    id: int
    text: str
    source: SpanOut
    context: str
    said_at: datetime
    learned_at: datetime
    valid_from: datetime
    valid_until: datetime | None
    superseded_by: int | None
    origin: Origin
    tags: tuple[str, ...]


class UnrememberedOut(RecordShape):
    """A stretch of what was given that became no memory, and why."""

    reason: Reason
    says: str
    span: SpanOut


class RememberedOut(RecordShape):
    """The memories made of a text. The original stays at `source` and is never quoted."""

    source: tuple[SourceKind, int]
    memories: tuple[MemoryOut, ...]
    unremembered: tuple[UnrememberedOut, ...]


class OriginalOut(RecordShape):
    """A note, a writing or a question of which not all became memories."""

    source: tuple[SourceKind, int]
    text: str
    at: datetime
    unremembered: tuple[UnrememberedOut, ...]


class RecalledOut(RecordShape):
    """A memory that would be quoted, and its score (comparable within one question only)."""

    memory: MemoryOut
    score: float


class WritingOut(RecordShape):
    """A text that the person gave."""

    id: int
    text: str
    title: str | None
    origin: Origin
    written_at: datetime | None
    added_at: datetime


class ChoiceOut(RecordShape):
    """A pair-wise preference."""

    id: int
    prompt: str
    chosen: str
    rejected: str
    source: ChoiceSource
    turn: int | None
    chosen_at: datetime
    origin: Origin = Field(description="Whose words the chosen reply is made of.")


class NewTags(BaseModel):
    """Tags that replace the present ones."""

    tags: list[Word] = Field(max_length=100)


class UseContextOut(RecordShape):
    """Who reads a conversation and what it is for."""

    audience: str
    purpose: str


class TurnOut(RecordShape):
    """One exchange."""

    id: int
    conversation: str
    use_context: UseContextOut
    asked: str
    attached: tuple[str, ...] = Field(description="Names of the files attached to the question.")
    replied: str
    complete: bool
    model: str
    asked_at: datetime
    replied_at: datetime | None


class WithheldOut(RecordShape):
    """An item withheld from a reply, and the rule that withheld it."""

    kind: SourceKind
    id: int | None = Field(description="The record's number; null: every record of this kind.")
    rule: str


class ReceiptOut(RecordShape):
    """A signed statement of what was erased: kinds and numbers of records, never content."""

    id: int
    profile_id: str
    at: datetime
    state: Erasure
    erased: tuple[tuple[str, int], ...]
    stale: tuple[tuple[str, int], ...]
    public_key: str
    signature: str


class PlanOut(RecordShape):
    """The records that an erasure would take."""

    attributes: frozenset[int]
    turns: frozenset[int]
    writings: frozenset[int]
    choices: frozenset[int]
    notes: frozenset[int]
    memories: frozenset[int]
    redactions: list[SpanOut] = Field(
        description="Parts of records that are cut out; the rest of each record stays."
    )
    replies: frozenset[int] = Field(description="Turns that stay but lose their reply.")


class ReservationOut(RecordShape):
    """What a federated run may cost in rho, and what counts: less, once it is settled for less."""

    number: int
    budget: str
    run: str
    rho: float
    at: datetime
    spent: float


class ConsentOut(BaseModel):
    """Whether one category may be read for one purpose now."""

    purpose: Purpose
    category: Category
    granted: bool


class LearnedWeight(RecordShape):
    """One weight of taste, and the choices that it was learned from (id, part of the weight)."""

    name: str
    says: str
    weight: float
    low: float = Field(description="95 % interval.")
    high: float
    started: float = Field(description="The weight before any choice, from the prior.")
    pinned: bool = Field(description="Whether the person set the weight.")
    clear: bool = Field(description="Whether the interval excludes zero.")
    evidence: tuple[tuple[int, float], ...]


class VerdictOut(RecordShape):
    """Held-back losses, off less on; infinite bounds (too few items) are null."""

    gain: float
    low: float | None
    high: float | None
    items: int
    wins: bool


def shown_verdict(verdict: TrialVerdict) -> VerdictOut:
    """Return `verdict` for JSON, which has no infinity: too few items leave its bounds open."""
    low, high = (bound if math.isfinite(bound) else None for bound in (verdict.low, verdict.high))
    return VerdictOut(
        gain=verdict.gain, low=low, high=high, items=verdict.items, wins=bool(verdict.wins)
    )
