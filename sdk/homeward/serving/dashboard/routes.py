"""Defines the routes that only the dashboard uses: the map of memories, and the ledger."""

from datetime import datetime
from typing import Any

from fastapi import APIRouter
from pydantic import BaseModel, Field

from homeward.assistant import Assistant
from homeward.serving.dashboard.projection import plane_of
from homeward.serving.routes.shapes import RecordShape
from homeward.serving.service import Serving
from homeward_store import RollbackDetected, SourceKind, Space
from homeward_store.consent.ledger import LedgerEntry

router = APIRouter(prefix="/homeward/v1/dashboard", tags=["dashboard"])

_MOST_POINTS = 1500  # more than a person can tell apart on a screen, or a browser draw at once


class PointOut(BaseModel):
    """One memory on the map; x and y from 0 to 1."""

    id: int
    x: float
    y: float
    kind: SourceKind
    text: str
    said_at: datetime


class MapOut(BaseModel):
    """The newest memories in the two directions in which they differ most."""

    points: list[PointOut]
    explained: tuple[float, float] = Field(description="Share of the variance on each axis.")
    total: int


class EntryOut(RecordShape):
    """One line of the ledger."""

    sequence: int
    at: datetime
    kind: str
    body: dict[str, Any]


class LedgerOut(BaseModel):
    """Every line, oldest first, and whether the chain is whole."""

    entries: list[EntryOut]
    whole: bool
    found: str


@router.get("/map")
async def memory_map(service: Serving) -> MapOut:
    """Lay the memories out by meaning."""
    return await service.me.run(_map)


@router.get("/ledger")
async def ledger(service: Serving) -> LedgerOut:
    """Read and check the ledger of consents and privacy costs."""
    return await service.me.run(_ledger)


def _map(me: Assistant) -> MapOut:
    memories = me.profile.memories
    space = Space(me.embedder.sha256, me.embedder.dims)
    ids, vectors = memories.vectors(space, newest=_MOST_POINTS)
    if len(ids) < 3:
        return MapOut(points=[], explained=(0.0, 0.0), total=memories.count())
    plane = plane_of(vectors)
    points = [
        PointOut(
            id=one.id,
            x=round(float(x), 4),
            y=round(float(y), 4),
            kind=one.source.kind,
            text=one.text,
            said_at=one.said_at,
        )
        for one, (x, y) in zip(memories.get(ids), plane.places, strict=True)
    ]
    return MapOut(points=points, explained=plane.explained, total=memories.count())


def _ledger(me: Assistant) -> LedgerOut:
    entries = [_entry(one) for one in me.profile.ledger_entries()]
    try:
        me.profile.verify_ledger()
    except RollbackDetected as error:
        return LedgerOut(entries=entries, whole=False, found=f"{error}.".capitalize())
    many = "entry" if len(entries) == 1 else "entries"
    found = f"{len(entries)} {many}. The chain is intact from its beginning to its end."
    return LedgerOut(entries=entries, whole=True, found=found)


def _entry(entry: LedgerEntry) -> EntryOut:
    return EntryOut(sequence=entry.sequence, at=entry.at, kind=entry.kind, body=dict(entry.body))
