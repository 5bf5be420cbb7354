"""Learned state that a reply was made with, as JSON. No behaviour."""

from typing import Self

from pydantic import BaseModel, Field

from homeward.conversation.sources import in_words
from homeward_store import LearnedKind, LearnedUse, SourceKind


class LearnedUseOut(BaseModel):
    """Learned state that a reply was made with. It holds no text of what it was learned from."""

    kind: LearnedKind
    says: str = Field(description="Of how much it was learned, from where on, and if it is gone.")
    counts: dict[SourceKind, int] = Field(description="Of how many records of each kind.")
    prior: str = Field(description="Others' published numbers that it began at; empty: none.")
    erased: bool = Field(description="A record that it was learned from was forgotten since.")
    draft: int | None = Field(description="Which draft it picked, from 0; null: there were none.")
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
