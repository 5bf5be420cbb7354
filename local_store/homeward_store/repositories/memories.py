"""Stores memories: spans that recall can return, with their two indexes."""

import json
from collections.abc import Iterator, Sequence
from datetime import datetime

from homeward_store.consent.consent import Clock, Permit
from homeward_store.database.database import Database, Row, Value
from homeward_store.errors import NotFound
from homeward_store.records import (
    Hit,
    Memory,
    MemoryDraft,
    MemoryId,
    Origin,
    Scope,
    SourceKind,
    Space,
    Span,
    Vector,
    checked,
    checked_tags,
    from_micros,
    to_micros,
)
from homeward_store.repositories import full_text
from homeward_store.repositories.embeddings import Embeddings
from homeward_store.repositories.erased_since import gone
from homeward_store.typed import doors
from homeward_store.words.forms import index_forms, query_terms

CONTEXT_WEIGHT = 0.4  # of a word in the context, against 1 in the memory itself
_PAGE = 1000  # memories read at a time by `all`
_AT_ONCE = 500  # ids in one statement; SQLite allows 32,766 parameters
_SOURCES = frozenset({SourceKind.TURN, SourceKind.WRITING, SourceKind.NOTE, SourceKind.CHOICE})
_COLUMNS = (
    "id, text, context, source_kind, source_id, source_start, source_end,"
    " context_kind, context_id, context_start, context_end,"
    " origin, said_at, learned_at, valid_from, valid_until, superseded_by"
)


@doors
class Memories:
    """
    Stores and reads the memories of one profile.

    Raises:
        ConsentRequired: the data is read for a purpose, as from `Profile.reading_for`, and there is
            no consent for it (any more).
    """

    def __init__(
        self, database: Database, *, clock: Clock, permit: Permit, embeddings: Embeddings
    ) -> None:
        self._database = database
        self._clock = clock
        self._permit = permit  # called wherever data is read
        self._embeddings = embeddings

    def add(self, drafts: Sequence[MemoryDraft]) -> list[Memory]:
        """
        Store memories, all or none; without a context whose source is not there any more.

        Raises:
            NotFound: a source does not exist. SpaceMismatch: a vector does not fit its space.
            InvalidText: a text cannot be stored.
        """
        now = to_micros(self._clock())
        with self._database.transaction():
            ids = [self._add_one(draft, now) for draft in drafts]
        return self.get(ids)

    def embed(self, vectors: Sequence[tuple[MemoryId, Vector]], *, space: Space) -> None:
        """
        Give memories vectors of an encoder that came later, all or none.

        Shapes:
            Each vector: (space.dims,) float32.

        Raises:
            NotFound: there is no such memory. SpaceMismatch: a vector does not fit `space`.
        """
        with self._database.transaction():
            for memory, vector in vectors:
                self._require("memory", memory)
                self._embeddings.add(memory, vector, space)

    def get(self, ids: Sequence[MemoryId], *, scope: Scope | None = None) -> list[Memory]:
        """Those of these memories that exist, and that `scope` admits, in the order of `ids`."""
        found: dict[int, Memory] = {}
        condition, values = self._condition(scope)
        narrowed = f" AND {condition}" if condition else ""
        for start in range(0, len(ids), _AT_ONCE):
            some = ids[start : start + _AT_ONCE]
            for memory in self._where(f"id IN ({_marks(some)}){narrowed}", *some, *values):
                found[memory.id] = memory
        return [found[one] for one in ids if one in found]

    def count(self) -> int:
        """How many memories there are."""
        self._permit()
        [(number,)] = self._database.run("SELECT count(*) FROM memory")
        return int(number)

    def all(self) -> Iterator[Memory]:
        """Every memory, oldest first, read a page at a time: no read stays open between them."""
        last = 0
        while page := self._where("id > ? ORDER BY id LIMIT ?", last, _PAGE):
            yield from page
            last = page[-1].id

    def of(self, kind: SourceKind, source: int) -> list[Memory]:
        """The memories that were taken from one source."""
        return self._where("source_kind = ? AND source_id = ? ORDER BY id", kind.value, source)

    def tagged(self, tag: str) -> list[Memory]:
        """The memories that carry a tag, oldest first."""
        condition = "id IN (SELECT memory FROM memory_tag WHERE tag = ?) ORDER BY id"
        return self._where(condition, tag)

    def drop(self, memory: MemoryId) -> None:
        """
        Remove a memory and leave its source: a correction. What must not come back is forgotten.

        Raises:
            NotFound: no such memory.
        """
        with self._database.transaction():
            self._require("memory", memory)
            self._database.run("DELETE FROM memory WHERE id = ?", (memory,))
        self._embeddings.discard([memory])

    def supersede(self, memory: MemoryId, *, by: MemoryId, at: datetime | None = None) -> None:
        """
        Mark a memory as no longer true because a newer one says otherwise.

        Raises:
            NotFound: one of the two does not exist.
        """
        until = to_micros(at or self._clock())
        with self._database.transaction():
            self._require("memory", memory)
            self._require("memory", by)
            self._database.run(
                "UPDATE memory SET superseded_by = ?, valid_until = ? WHERE id = ?",
                (by, until, memory),
            )

    def reinstate(self, memory: MemoryId) -> None:
        """
        Undo that a memory was superseded, because it is still true.

        Raises:
            NotFound: no such memory.
        """
        with self._database.transaction():
            self._require("memory", memory)
            self._database.run(
                "UPDATE memory SET superseded_by = NULL, valid_until = NULL WHERE id = ?", (memory,)
            )

    def retag(self, memory: MemoryId, tags: tuple[str, ...]) -> None:
        """
        Replace the tags of a memory.

        Raises:
            NotFound: no such memory.
        """
        labels = checked_tags(tags)
        with self._database.transaction():
            self._require("memory", memory)
            self._database.run("DELETE FROM memory_tag WHERE memory = ?", (memory,))
            self._tag(memory, labels)

    def match(
        self,
        query: str,
        *,
        limit: int,
        scope: Scope | None = None,
        context_weight: float = CONTEXT_WEIGHT,
    ) -> list[Hit]:
        """
        The memories that share words with the query, by BM25.

        The query is what a person typed: nothing in it is an operator.

        Source:
            Robertson and Zaragoza 2009 (BM25), as SQLite's FTS5 computes it.
        """
        self._permit()
        words = query_terms(query)
        if not words:
            return []
        condition, values = self._condition(scope)
        return full_text.best(
            self._database,
            full_text.any_of(words),
            context_weight=context_weight,
            condition=condition,
            values=values,
            limit=limit,
        )

    def nearest(
        self, vector: Vector, *, space: Space, limit: int, scope: Scope | None = None
    ) -> list[Hit]:
        """
        The memories whose vectors have the largest inner product with `vector`.

        Shapes:
            vector: (space.dims,) float32.

        Guarantees:
            Every vector is compared; the best are rescored in float32.

        Raises:
            SpaceMismatch: `vector` does not fit `space`.
        """
        self._permit()
        condition, values = self._condition(scope)
        return self._embeddings.nearest(
            vector, space, limit=limit, condition=condition, values=values
        )

    def spaces(self) -> list[Space]:
        """The spaces that hold vectors."""
        self._permit()
        return self._embeddings.spaces()

    def vectors(self, space: Space, *, newest: int) -> tuple[list[MemoryId], Vector]:
        """
        The newest memories that have vectors in this space, oldest first, and those vectors.

        Shapes:
            Returns n ids and (n, space.dims) float32, n ≤ newest.
        """
        self._permit()
        return self._embeddings.all(space, newest=newest)

    def vectors_of(self, ids: Sequence[MemoryId], *, space: Space) -> tuple[list[MemoryId], Vector]:
        """
        Those of these memories that have a vector in this space, by id, and those vectors.

        Shapes:
            Returns n ids and (n, space.dims) float32, n ≤ len(ids).
        """
        self._permit()
        return self._embeddings.of(ids, space)

    def without_vector(self, space: Space, *, limit: int = 1000) -> list[MemoryId]:
        """Memories that have no vector in this space yet, oldest first."""
        self._permit()
        return self._embeddings.missing(space, limit=limit)

    def _add_one(self, draft: MemoryDraft, now: int) -> MemoryId:
        if draft.source.kind not in _SOURCES:
            raise NotFound(f"no memory is taken from an {draft.source.kind.value}")
        self._require(draft.source.kind.value, draft.source.id)
        said_at = to_micros(draft.said_at)
        since = said_at if draft.valid_from is None else to_micros(draft.valid_from)
        until = None if draft.valid_until is None else to_micros(draft.valid_until)
        text, context, behind = checked(draft.text), checked(draft.context), draft.context_source
        if behind is not None and gone(self._database, [(behind.kind, behind.id)]):
            context, behind = "", None
        memory = MemoryId(
            self._database.insert(
                "INSERT INTO memory(text, context, source_kind, source_id, source_start,"
                " source_end, context_kind, context_id, context_start, context_end,"
                " origin, said_at, learned_at, valid_from, valid_until, forms, context_forms)"
                " VALUES(?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)",
                (
                    *(text, context, *_span(draft.source), *_span(behind)),
                    *(Origin(draft.origin).value, said_at, now, since, until),
                    *(index_forms(text), index_forms(context)),
                ),
            )
        )
        self._tag(memory, checked_tags(draft.tags))
        if draft.vector is not None and draft.space is not None:
            self._embeddings.add(memory, draft.vector, draft.space)
        return memory

    def _tag(self, memory: MemoryId, tags: tuple[str, ...]) -> None:
        self._database.run_many(
            "INSERT INTO memory_tag(memory, tag) VALUES(?, ?)", [(memory, tag) for tag in tags]
        )

    def _require(self, table: str, row: int) -> None:
        if not self._database.run(f"SELECT 1 FROM {table} WHERE id = ?", (row,)):  # noqa: S608
            raise NotFound(f"there is no {table} {row}")

    def _where(self, condition: str, *values: Value) -> list[Memory]:
        self._permit()
        rows = self._database.run(
            f"SELECT {_COLUMNS}, (SELECT json_group_array(tag) FROM memory_tag"  # noqa: S608
            f" WHERE memory = memory.id) FROM memory WHERE {condition}",
            values,
        )
        return [_record(row) for row in rows]

    def _condition(self, scope: Scope | None) -> tuple[str, tuple[Value, ...]]:
        return condition_of(scope or Scope(), now=to_micros(self._clock()))


def condition_of(scope: Scope, *, now: int) -> tuple[str, tuple[Value, ...]]:
    """The SQL condition on `memory` that a scope stands for; empty where nothing is left out."""
    parts: list[tuple[str, tuple[Value, ...]]] = []
    tagged = "EXISTS (SELECT 1 FROM memory_tag WHERE memory = memory.id AND tag IN ({}))"
    if scope.tagged:
        parts.append((tagged.format(_marks(scope.tagged)), scope.tagged))
    if scope.untagged:
        parts.append(("NOT " + tagged.format(_marks(scope.untagged)), scope.untagged))
    if scope.since is not None:
        parts.append(("said_at >= ?", (to_micros(scope.since),)))
    if scope.until is not None:
        parts.append(("said_at < ?", (to_micros(scope.until),)))
    if scope.current:
        valid = "superseded_by IS NULL AND valid_from <= ? AND ifnull(valid_until > ?, 1)"
        parts.append((valid, (now, now)))
    if scope.conversation is not None:
        spoken = (
            "source_kind = 'turn' AND source_id IN (SELECT turn.id FROM turn JOIN conversation"
            " ON conversation.id = turn.conversation WHERE name = ?)"
        )
        parts.append((spoken, (scope.conversation,)))
    if scope.origins:
        origins = tuple(one.value for one in scope.origins)
        parts.append((f"origin IN ({_marks(origins)})", origins))
    condition = " AND ".join(part for part, _ in parts)
    return condition, tuple(value for _, values in parts for value in values)


def _marks(values: Sequence[object]) -> str:
    return ",".join("?" * len(values))


def _span(span: Span | None) -> tuple[Value, ...]:
    return (None,) * 4 if span is None else (span.kind.value, span.id, span.start, span.end)


def _record(row: Row) -> Memory:
    memory, text, context, kind, source, start, end, *rest = row
    context_kind, context_id, context_start, context_end, origin, *times, tags = rest
    said_at, learned_at, valid_from, valid_until, superseded_by = times
    behind = (
        Span(SourceKind(context_kind), context_id, context_start, context_end)
        if context_kind
        else None
    )
    return Memory(
        id=MemoryId(memory),
        text=text,
        source=Span(SourceKind(kind), source, start, end),
        context=context,
        context_source=behind,
        said_at=from_micros(said_at),
        learned_at=from_micros(learned_at),
        valid_from=from_micros(valid_from),
        valid_until=None if valid_until is None else from_micros(valid_until),
        superseded_by=None if superseded_by is None else MemoryId(superseded_by),
        origin=Origin(origin),
        tags=tuple(sorted(json.loads(tags))),
    )
