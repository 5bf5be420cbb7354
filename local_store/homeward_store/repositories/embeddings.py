"""Stores the vectors of memories and searches them in memory."""

from collections.abc import Sequence
from typing import Any

import numpy as np
from threadpoolctl import ThreadpoolController

from homeward_store.database.database import Database, Value
from homeward_store.errors import SpaceMismatch
from homeward_store.records import Hit, MemoryId, Space, Vector
from homeward_store.repositories.vectors import Matrix, Positions, quantize

_RESCORED = 50  # int8 alone finds .984 of the true ten at 1M; with the top 50 rescored, all of them
_LOADED_AT_ONCE = 50_000  # rows


class Embeddings:
    """Stores and searches vectors; a space's matrix is loaded when it is first searched."""

    def __init__(self, database: Database) -> None:
        self._database = database
        self._matrices: dict[int, Matrix] = {}
        self._loaded: dict[int, int] = {}  # space → the newest embedding id in its matrix
        self._rollbacks = database.rollbacks
        # A second BLAS thread on a busy machine made a search 15 times slower.
        self._blas = ThreadpoolController().select(user_api="blas")

    def add(self, memory: MemoryId, vector: Vector, space: Space) -> None:
        """
        Store a memory's vector, or replace the one it has in this space.

        Shapes:
            vector: (space.dims,) float32.

        Raises:
            SpaceMismatch: `vector` does not fit `space`.
        """
        exact = _checked(vector, space)
        scale, codes = quantize(exact)
        number = self._space(space, create=True)
        with self._database.transaction():
            replaced = self._database.run(
                "DELETE FROM embedding WHERE memory = ? AND space = ? RETURNING id",
                (memory, number),
            )
            row = self._database.insert(
                "INSERT INTO embedding(space, memory, scale, codes) VALUES(?, ?, ?, ?)",
                (number, memory, scale, codes),
            )
            self._database.run(
                "INSERT INTO embedding_exact(id, vector) VALUES(?, ?)", (row, exact.tobytes())
            )
        if replaced and number is not None:
            self._forget_space(number)

    def nearest(
        self,
        vector: Vector,
        space: Space,
        *,
        limit: int,
        condition: str,
        values: tuple[Value, ...],
    ) -> list[Hit]:
        """
        The memories whose vectors have the largest inner product with `vector`.

        Shapes:
            vector: (space.dims,) float32.

        Raises:
            SpaceMismatch: `vector` does not fit `space`.
        """
        query = _checked(vector, space)
        number = self._space(space, create=False)
        if number is None or limit < 1:
            return []
        among = self._meeting(condition, values) if condition else None
        matrix = self._current(number, space)
        with self._blas.limit(limits=1):
            candidates, _ = matrix.nearest(query, limit=max(limit, _RESCORED), among=among)
        return self._rescored(query, number, candidates)[:limit]

    def discard(self, memories: Sequence[MemoryId]) -> None:
        """Overwrite the vectors of erased memories in memory, too."""
        gone = np.asarray(memories, np.int64)
        for matrix in self._matrices.values():
            matrix.discard(gone)

    @property
    def nbytes(self) -> int:
        """Memory that the loaded vectors take."""
        return sum(matrix.nbytes for matrix in self._matrices.values())

    def spaces(self) -> list[Space]:
        """The spaces that hold vectors."""
        rows = self._database.run(
            "SELECT encoder_sha256, dims FROM space"
            " WHERE EXISTS (SELECT 1 FROM embedding WHERE embedding.space = space.id) ORDER BY id"
        )
        return [Space(sha256, dims) for sha256, dims in rows]

    def all(self, space: Space, *, newest: int) -> tuple[list[MemoryId], Vector]:
        """
        The newest memories' vectors, oldest first.

        Shapes:
            Returns n ids and (n, space.dims) float32, n ≤ newest.
        """
        rows = self._database.run(
            "SELECT memory, vector FROM embedding JOIN embedding_exact USING(id)"
            " WHERE space = ? ORDER BY memory DESC LIMIT ?",
            (self._space(space, create=False), newest),
        )[::-1]
        return _table(rows, space.dims)

    def of(self, memories: Sequence[MemoryId], space: Space) -> tuple[list[MemoryId], Vector]:
        """
        These memories' vectors, without those that have none, in order of their ids.

        Shapes:
            Returns n ids and (n, space.dims) float32, n ≤ len(memories).
        """
        return self._exact(self._space(space, create=False), memories, space.dims)

    def missing(self, space: Space, *, limit: int) -> list[MemoryId]:
        """Memories that have no vector in this space yet, oldest first."""
        rows = self._database.run(
            "SELECT id FROM memory WHERE NOT EXISTS (SELECT 1 FROM embedding JOIN space"
            " ON space.id = embedding.space WHERE embedding.memory = memory.id"
            " AND encoder_sha256 = ? AND dims = ?) ORDER BY id LIMIT ?",
            (space.encoder_sha256, space.dims, limit),
        )
        return [MemoryId(memory) for (memory,) in rows]

    def _space(self, space: Space, *, create: bool) -> int | None:
        key = (space.encoder_sha256, space.dims)
        if create:
            self._database.run(
                "INSERT INTO space(encoder_sha256, dims) VALUES(?, ?) ON CONFLICT DO NOTHING", key
            )
        rows = self._database.run("SELECT id FROM space WHERE encoder_sha256 = ? AND dims = ?", key)
        return int(rows[0][0]) if rows else None

    def _meeting(self, condition: str, values: tuple[Value, ...]) -> Positions:
        rows = self._database.run(f"SELECT id FROM memory WHERE {condition}", values)  # noqa: S608
        return np.fromiter((memory for (memory,) in rows), np.int64, len(rows))

    def _current(self, number: int, space: Space) -> Matrix:
        if self._rollbacks != self._database.rollbacks:
            # Rows that were undone may have been loaded while their transaction was open.
            self._rollbacks = self._database.rollbacks
            self._matrices.clear()
        if number not in self._matrices:
            [(rows,)] = self._database.run(
                "SELECT count(*) FROM embedding WHERE space = ?", (number,)
            )
            self._matrices[number] = Matrix(space.dims, capacity=rows)
            self._loaded[number] = 0
        matrix = self._matrices[number]
        while newer := self._newer(number):
            codes = np.frombuffer(b"".join(row[3] for row in newer), np.int8)
            matrix.extend(
                np.array([row[1] for row in newer], np.int64),
                np.array([row[2] for row in newer], np.float32),
                codes.reshape(len(newer), space.dims),
            )
            self._loaded[number] = newer[-1][0]
        return matrix

    def _newer(self, number: int) -> list[tuple[Any, ...]]:
        return self._database.run(
            "SELECT id, memory, scale, codes FROM embedding"
            " WHERE space = ? AND id > ? ORDER BY id LIMIT ?",
            (number, self._loaded[number], _LOADED_AT_ONCE),
        )

    def _forget_space(self, number: int) -> None:
        self._matrices.pop(number, None)

    def _rescored(self, query: Vector, number: int, candidates: Positions) -> list[Hit]:
        found, exact = self._exact(number, candidates.tolist(), len(query))
        hits = map(Hit, found, (exact @ query).tolist())
        return sorted(hits, key=lambda hit: (-hit.score, -hit.memory))

    def _exact(
        self, number: int | None, memories: Sequence[int], dims: int
    ) -> tuple[list[MemoryId], Vector]:
        marks = ",".join("?" * len(memories))
        rows = self._database.run(
            "SELECT memory, vector FROM embedding JOIN embedding_exact USING(id)"  # noqa: S608
            f" WHERE space = ? AND memory IN ({marks}) ORDER BY memory",
            (number, *memories),
        )
        return _table(rows, dims)


def _table(rows: Sequence[tuple[Any, ...]], dims: int) -> tuple[list[MemoryId], Vector]:
    """Rows of (memory, vector's bytes) as ids and one (n, dims) array."""
    exact = np.frombuffer(b"".join(vector for _, vector in rows), np.float32)
    return [MemoryId(memory) for memory, _ in rows], exact.reshape(len(rows), dims)


def _checked(vector: Vector, space: Space) -> Vector:
    if vector.shape != (space.dims,):
        raise SpaceMismatch(f"a vector of shape {vector.shape} in a space of {space.dims}")
    exact = np.ascontiguousarray(vector, np.float32)
    if not np.isfinite(exact).all():
        raise SpaceMismatch("a vector holds a number that is not finite")
    return exact
