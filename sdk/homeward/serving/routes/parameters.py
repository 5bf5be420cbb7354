"""Validates values in paths and queries, and restricts a list to what an audience may see."""

from typing import Annotated, TypeVar

from fastapi import Depends, Path, Query

from homeward.assistant import Assistant
from homeward.policy.gate import UseContext
from homeward_store import Attribute, Memory

Item = TypeVar("Item", Attribute, Memory)

_MOST = 2**63 - 1  # SQLite's integers

Id = Annotated[int, Path(ge=1, le=_MOST)]
Before = Annotated[
    int | None, Query(ge=1, le=_MOST, description="Return only records older than this number.")
]
Limit = Annotated[int, Query(ge=1, le=500, description="The most records to return, newest first.")]
Name = Annotated[str, Path(min_length=1, max_length=500)]


def _reader(
    audience: Annotated[
        str | None,
        Query(
            max_length=200, description="Return only what this audience may see under the rules."
        ),
    ] = None,
    purpose: Annotated[
        str, Query(max_length=200, description="The purpose that the audience reads it for.")
    ] = "chat",
) -> UseContext | None:
    return None if audience is None else UseContext(audience, purpose)


Reader = Annotated[UseContext | None, Depends(_reader)]
"""Whom a list is for; None: the person themself, who sees all that is theirs."""


def shown_to(me: Assistant, reader: UseContext | None, items: list[Item]) -> list[Item]:
    """Return those of `items` that `reader` may be told."""
    return items if reader is None else list(filter(me.gate.asked(None, reader).admits, items))
