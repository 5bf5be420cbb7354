"""
Erases memories with only their own words; the rest of the same message stays.

This is how far another program's forgetting reaches. Knows where in a record the words of a memory
stand, and blacks them out.
"""

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field

from homeward_store.database.database import Database
from homeward_store.records import MemoryId, SourceKind, Span

_BLACK = "\N{FULL BLOCK}"  # one a character, so that other spans keep their positions
_TEXTS = {SourceKind.WRITING: "text", SourceKind.NOTE: "text", SourceKind.CHOICE: "chosen"}
_WHOLE = (SourceKind.TURN, SourceKind.NOTE, SourceKind.CHOICE)  # a writing stays, blackened


@dataclass(frozen=True, slots=True)
class Passages:
    """What goes: memories, the stretches that say them, and records that say nothing else."""

    memories: set[int] = field(default_factory=set)
    spans: set[Span] = field(default_factory=set)
    records: set[tuple[SourceKind, int]] = field(default_factory=set)


def passages_of(database: Database, memories: Sequence[MemoryId]) -> Passages:
    """Return what goes with `memories`; those that were read out of the same words, too."""
    found = Passages()
    for memory in memories:
        for span in _spans(database, "id = ?", memory):
            found.spans.add(span)
            found.memories.update(_overlapping(database, span))
    for span in found.spans:
        if span.kind in _WHOLE and _is_all(database, span, found):
            found.records.add((span.kind, span.id))
    return found


def black_out(database: Database, span: Span) -> None:
    """Black out a stretch of a record."""
    if span.kind is not SourceKind.TURN:
        _black_out(database, span.kind, _TEXTS[span.kind], span)
        return
    [(asked,)] = database.run("SELECT asked FROM turn WHERE id = ?", (span.id,))
    after = len(asked) + 1  # where the reply begins in `Turn.text`
    if span.start < len(asked):
        _black_out(database, span.kind, "asked", span)
    if span.end > after:
        start, end = max(0, span.start - after), span.end - after
        _black_out(database, span.kind, "replied", Span(span.kind, span.id, start, end))


def _black_out(database: Database, kind: SourceKind, column: str, span: Span) -> None:
    [(text,)] = database.run(f"SELECT {column} FROM {kind.value} WHERE id = ?", (span.id,))  # noqa: S608
    blackened = _blackened(text, span)
    database.run(f"UPDATE {kind.value} SET {column} = ? WHERE id = ?", (blackened, span.id))  # noqa: S608


def _blackened(text: str, span: Span) -> str:
    return text[: span.start] + _BLACK * len(text[span.start : span.end]) + text[span.end :]


def _spans(database: Database, condition: str, *values: int) -> Iterator[Span]:
    rows = database.run(
        f"SELECT source_kind, source_id, source_start, source_end FROM memory WHERE {condition}",  # noqa: S608
        values,
    )
    yield from (Span(SourceKind(kind), *rest) for kind, *rest in rows)


def _overlapping(database: Database, span: Span) -> Iterator[int]:
    rows = database.run(
        "SELECT id FROM memory WHERE source_kind = ? AND source_id = ?"
        " AND source_start < ? AND source_end > ?",
        (span.kind.value, span.id, span.end, span.start),
    )
    yield from (memory for (memory,) in rows)


def _is_all(database: Database, span: Span, found: Passages) -> bool:
    """Return whether the record says nothing but what goes."""
    column = "asked" if span.kind is SourceKind.TURN else _TEXTS[span.kind]
    [(text,)] = database.run(
        f"SELECT {column} FROM {span.kind.value} WHERE id = ?",  # noqa: S608
        (span.id,),
    )
    for one in found.spans:
        if (one.kind, one.id) == (span.kind, span.id):
            text = _blackened(text, one)
    return re.search(r"\w", text) is None
