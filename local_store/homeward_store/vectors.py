"""
Exact search over vectors. Pure: arrays in, positions out; knows no database.

Every vector is kept as int8 codes with one scale, a quarter of the memory of float32. A query is
compared with all of them, in blocks that are widened to float32; the best few are then rescored
with the exact vectors. There is no approximate index: below a million vectors none is needed, and
such indexes keep what was deleted.
"""

import numpy as np
from numpy.typing import NDArray

from homeward_store.records import Vector

Codes = NDArray[np.int8]
Positions = NDArray[np.int64]

_BLOCK = 1024  # rows widened at a time: 1.5 MiB at 384 dimensions
_LARGEST_CODE = 127
_MAX_DEAD_SHARE = 0.25  # of rows, before the matrix is packed


def quantize(vector: Vector) -> tuple[float, bytes]:
    """
    The scale and int8 codes of a vector: vector ≈ scale · codes.

    Shapes:
        vector: (dims,) float32, finite. The bytes hold dims codes.
    """
    scale = float(np.max(np.abs(vector))) / _LARGEST_CODE
    if scale == 0.0:
        return 0.0, bytes(len(vector))
    return scale, np.rint(vector / scale).astype(np.int8).tobytes()


class Matrix:
    """
    The codes of one space in memory, with the memory that each row stands for.

    Shapes:
        codes: (rows, dims) int8; scales: (rows,) float32; ids: (rows,) int64, 0 where deleted.
    """

    def __init__(self, dims: int, *, capacity: int = 0) -> None:
        self._dims = dims
        self._rows = 0
        self._dead = 0
        self._codes: Codes = np.zeros((capacity, dims), np.int8)
        self._scales: Vector = np.zeros(capacity, np.float32)
        self._ids: Positions = np.zeros(capacity, np.int64)

    def __len__(self) -> int:
        return self._rows - self._dead

    @property
    def nbytes(self) -> int:
        """Memory that the arrays take."""
        return self._codes.nbytes + self._scales.nbytes + self._ids.nbytes

    def extend(self, ids: Positions, scales: Vector, codes: Codes) -> None:
        """Append rows, growing by an eighth so that a long series of additions stays cheap."""
        needed = self._rows + len(ids)
        if needed > len(self._ids):
            self._resize(needed + needed // 8)
        place = slice(self._rows, needed)
        self._ids[place], self._scales[place], self._codes[place] = ids, scales, codes
        self._rows = needed

    def discard(self, ids: Positions) -> None:
        """Overwrite the rows of these memories; their codes are gone when this returns."""
        gone = np.flatnonzero(np.isin(self._ids[: self._rows], ids))
        self._ids[gone], self._scales[gone], self._codes[gone] = 0, 0, 0
        self._dead += len(gone)
        if self._dead > _MAX_DEAD_SHARE * self._rows:
            self._pack()

    def nearest(
        self, query: Vector, *, limit: int, among: Positions | None = None
    ) -> tuple[Positions, Vector]:
        """
        The ids with the largest inner product with `query`, best first, and those products.

        Shapes:
            query: (dims,) float32. Returns (n,) int64 and (n,) float32, n ≤ limit.

        Guarantees:
            Exact over the codes: no row that is left out has a larger product with them.
        """
        ids = self._ids[: self._rows]
        scores = self._products(query)
        present = len(self)
        if self._dead or among is not None:
            wanted = ids > 0 if among is None else np.isin(ids, among) & (ids > 0)
            scores[~wanted] = -np.inf
            present = int(np.count_nonzero(wanted))
        best = _largest(scores, min(limit, present))
        return ids[best], scores[best]

    def _products(self, query: Vector) -> Vector:
        products = np.empty(self._rows, np.float32)
        # One buffer for all blocks: it stays in the second-level cache, and twice as fast.
        wide = np.empty((_BLOCK, self._dims), np.float32)
        for start in range(0, self._rows, _BLOCK):
            codes = self._codes[start : min(start + _BLOCK, self._rows)]
            np.copyto(wide[: len(codes)], codes)
            np.dot(wide[: len(codes)], query, out=products[start : start + len(codes)])
        products *= self._scales[: self._rows]
        return products

    def _pack(self) -> None:
        alive = np.flatnonzero(self._ids[: self._rows])
        self._ids, self._scales = self._ids[alive], self._scales[alive]
        self._codes = self._codes[alive]
        self._rows, self._dead = len(alive), 0

    def _resize(self, capacity: int) -> None:
        kept = self._rows
        codes, scales = self._codes, self._scales
        ids = self._ids
        self._codes = np.zeros((capacity, self._dims), np.int8)
        self._scales, self._ids = np.zeros(capacity, np.float32), np.zeros(capacity, np.int64)
        self._codes[:kept], self._scales[:kept], self._ids[:kept] = (
            codes[:kept],
            scales[:kept],
            ids[:kept],
        )


def _largest(scores: Vector, count: int) -> Positions:
    """Where the `count` largest scores are, the largest first."""
    candidates = np.arange(len(scores))
    blocks = len(scores) // _BLOCK
    if blocks > count > 0:
        # The best of as many blocks are a floor that only few scores reach: one quick pass
        # instead of partitioning them all.
        best = scores[: blocks * _BLOCK].reshape(blocks, _BLOCK).max(axis=1)
        candidates = np.flatnonzero(scores >= np.partition(best, -count)[-count])
    order = np.argsort(-scores[candidates], kind="stable")[:count]
    return candidates[order].astype(np.int64)
