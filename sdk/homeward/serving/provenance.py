"""What a reply says that it was built on, in every interface alike."""

from pydantic import BaseModel, Field

from homeward.aio import AsyncReply
from homeward.conversation.sources import Sources
from homeward.serving.learned_use import LearnedUseOut
from homeward_store import SourceKind


class UsedOne(BaseModel):
    """An attribute, a memory, an earlier turn, or a choice that was shown, by its number."""

    kind: str
    id: int


class WithheldOne(BaseModel):
    """An item withheld from the prompt, and the rule that withheld it."""

    kind: str
    id: int | None = Field(description="The record's number; null: every record of this kind.")
    rule: str


class ReplyProvenance(BaseModel):
    """The sources of a reply's prompt, and what was withheld from it."""

    turn: int | None = Field(description="null: incognito.")
    used: list[UsedOne]
    through: list[UsedOne] = Field(
        description="The records that earlier turns among `used` were built on."
    )
    images: list[str] = Field(description="Names of the files attached to the question.")
    learned: list[LearnedUseOut] = Field(description="The learned states that the reply used.")
    withheld: list[WithheldOne]
    dropped_turns: int = Field(description="How many of the oldest turns did not fit the context.")


def provenance_of(reply: AsyncReply) -> ReplyProvenance:
    """Return what a reply that has ended was built on."""
    sources = reply.sources
    return ReplyProvenance(
        turn=reply.turn,
        used=_used(sources),
        through=[] if sources.through is None else _used(sources.through),
        images=list(sources.images),
        learned=[LearnedUseOut.of(one) for one in sources.learned],
        withheld=[WithheldOne(kind=one.kind, id=one.id, rule=one.rule) for one in sources.withheld],
        dropped_turns=reply.finished.dropped_turns,
    )


def _used(sources: Sources) -> list[UsedOne]:
    return [
        UsedOne(kind=kind, id=one.id)
        for kind, found in (
            (SourceKind.ATTRIBUTE, sources.attributes),
            (SourceKind.MEMORY, sources.memories),
            (SourceKind.CHOICE, sources.examples),
            (SourceKind.TURN, sources.turns),
        )
        for one in found
    ]
