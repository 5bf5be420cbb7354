"""Describes as JSON the learned state that a reply used."""

from typing import Self

from pydantic import BaseModel, Field

from homeward.conversation.sources import in_words
from homeward_store import LearnedKind, LearnedUse, SourceKind


class LearnedUseOut(BaseModel):
    """Learned state that a reply was made with. It holds no text of what it was learned from."""

    kind: LearnedKind
    says: str = Field(
        description="What a learned state was trained from, and whether it was erased."
    )
    counts: dict[SourceKind, int] = Field(
        description="How many records of each kind it was trained on."
    )
    prior: str = Field(description="The published prior that training started from; empty: none.")
    erased: bool = Field(
        description="Whether it was erased because one of its records was forgotten."
    )
    draft: int | None = Field(
        description="The index of the chosen draft, from 0; null: there were no drafts."
    )
    drafts: int | None

    @classmethod
    def of(cls, use: LearnedUse) -> Self:
        """Return it as JSON has it."""
        return cls(
            kind=use.kind,
            says=in_words(use),
            counts=dict(use.counts),
            prior=use.prior,
            erased=use.sha256 is None,
            draft=None if use.pick is None else use.pick.index,
            drafts=None if use.pick is None else use.pick.of,
        )
