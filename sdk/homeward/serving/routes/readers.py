"""For whom a list is asked: an audience sees of it what the gate lets it be told."""

from typing import Annotated, TypeVar

from fastapi import Depends, Query

from homeward.assistant import Assistant
from homeward.policy.gate import UseContext
from homeward_store import Attribute, Memory

Item = TypeVar("Item", Attribute, Memory)


def _reader(
    audience: Annotated[
        str | None,
        Query(max_length=200, description="Only what these readers may be told; the gate decides."),
    ] = None,
    purpose: Annotated[str, Query(max_length=200, description="What they read it for.")] = "chat",
) -> UseContext | None:
    return None if audience is None else UseContext(audience, purpose)


Reader = Annotated[UseContext | None, Depends(_reader)]
"""Whom a list is for; None: the person themself, who sees all that is theirs."""


def shown_to(me: Assistant, reader: UseContext | None, items: list[Item]) -> list[Item]:
    """Return those of `items` that `reader` may be told."""
    return items if reader is None else list(filter(me.gate.asked(None, reader).admits, items))
