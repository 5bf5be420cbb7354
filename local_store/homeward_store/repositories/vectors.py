"""
Searches all vectors in two passes: by signs, then by int8 codes.

Every vector is kept as int8 codes with one scale, a quarter of the memory of float32, and as the
signs of its coordinates, one bit each. A query is compared with the signs of every vector; those
that differ least are compared by their codes, and the caller rescores the best few with the exact
vectors. There is no graph and no cluster: such indexes keep what was deleted.

Source: sign agreement estimates the angle (Charikar 2002, "Similarity estimation techniques from
rounding algorithms").
"""

import numpy as np
from numpy.typing import NDArray

from homeward_store.records import Vector

Codes = NDArray[np.int8]
Signs = NDArray[np.uint64]
Positions = NDArray[np.int64]
Mask = NDArray[np.bool_]

_BLOCK = 1024  # rows widened at a time: 1.5 MiB at 384 dimensions
_SIGN_BLOCK = 65_536  # rows whose signs are compared at a time: they stay in the cache
_LARGEST_CODE = 127
_MAX_DEAD_SHARE = 0.25  # of rows, before the matrix is packed
_KEPT_ROWS = 8192  # compared by codes at least; below it, signs save nothing
_KEPT_SHARE = 25  # one row of so many: finds .998 of the true ten among 13,700 real messages
_KEPT_PER_HIT = 40


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
    Holds the codes of one space in memory, with the memory that each row stands for.

    Shapes:
        codes: (rows, dims) int8; scales: (rows,) float32; ids: (rows,) int64, 0 where deleted.
        signs: (dims / 64 rounded up, rows) uint64, a bit for each coordinate.
    """

    def __init__(self, dims: int, *, capacity: int = 0) -> None:
        self._dims = dims
        self._rows = 0
        self._dead = 0
        self._codes: Codes = np.zeros((capacity, dims), np.int8)
        self._signs: Signs = np.zeros((-(-dims // 64), capacity), np.uint64)
        self._scales: Vector = np.zeros(capacity, np.float32)
        self._ids: Positions = np.zeros(capacity, np.int64)

    def __len__(self) -> int:
        return self._rows - self._dead

    @property
    def nbytes(self) -> int:
        """Memory that the arrays take."""
        return self._codes.nbytes + self._signs.nbytes + self._scales.nbytes + self._ids.nbytes

    def extend(self, ids: Positions, scales: Vector, codes: Codes) -> None:
        """
        Append rows, growing by an eighth so that a long series of additions stays cheap.

        Shapes:
            ids: (n,) int64. scales: (n,) float32. codes: (n, dims) int8.
        """
        needed = self._rows + len(ids)
        if needed > len(self._ids):
            self._resize(needed + needed // 8)
        place = slice(self._rows, needed)
        self._ids[place], self._scales[place], self._codes[place] = ids, scales, codes
        self._signs[:, place] = _signs(codes)
        self._rows = needed

    def discard(self, ids: Positions) -> None:
        """Overwrite the rows of these memories; nothing of them is left when this returns."""
        gone = np.flatnonzero(np.isin(self._ids[: self._rows], ids))
        self._ids[gone], self._scales[gone], self._codes[gone] = 0, 0, 0
        self._signs[:, gone] = 0
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
            No deleted row is returned. Among up to 8,192 rows that may be returned, none that is
            left out has a larger product with the codes; among more, none of the rows whose signs
            agree best with the query's, of which there are at least 8,192, a 25th of all, and
            40 times `limit`.
        """
        wanted = None
        if self._dead or among is not None:
            ids = self._ids[: self._rows]
            wanted = ids > 0 if among is None else np.isin(ids, among) & (ids > 0)
        places = self._promising(query, wanted, limit)
        products = self._products(query, places)
        best = _largest(products, min(limit, len(products)))
        return self._ids[places[best]], products[best]

    def _promising(self, query: Vector, wanted: Mask | None, limit: int) -> Positions:
        """Where the rows are that are worth comparing by their codes."""
        present = self._rows if wanted is None else int(np.count_nonzero(wanted))
        kept = max(_KEPT_ROWS, present // _KEPT_SHARE, _KEPT_PER_HIT * limit)
        if present <= kept:
            return np.arange(self._rows) if wanted is None else np.flatnonzero(wanted)
        differing = self._differing(query)
        if wanted is not None:
            differing[~wanted] = np.iinfo(np.uint16).max
        # As many rows again may tie at the last distance; all of them stay.
        last = int(np.searchsorted(np.cumsum(np.bincount(differing)), kept))
        return np.flatnonzero(differing <= last)

    def _differing(self, query: Vector) -> NDArray[np.uint16]:
        """In how many signs each row differs from `query`: (rows,)."""
        asked = _signs(query[np.newaxis])[:, 0]
        total = np.zeros(self._rows, np.uint16)
        for start in range(0, self._rows, _SIGN_BLOCK):
            block = slice(start, min(start + _SIGN_BLOCK, self._rows))
            for word, signs in zip(asked, self._signs, strict=True):
                total[block] += np.bitwise_count(signs[block] ^ word)
        return total

    def _products(self, query: Vector, places: Positions) -> Vector:
        products = np.empty(len(places), np.float32)
        # One buffer for all blocks: it stays in the second-level cache, and twice as fast.
        wide = np.empty((_BLOCK, self._dims), np.float32)
        for start in range(0, len(places), _BLOCK):
            some = places[start : start + _BLOCK]
            np.copyto(wide[: len(some)], self._codes[some])
            np.dot(wide[: len(some)], query, out=products[start : start + len(some)])
        products *= self._scales[places]
        return products

    def _pack(self) -> None:
        alive = np.flatnonzero(self._ids[: self._rows])
        self._ids, self._scales = self._ids[alive], self._scales[alive]
        self._codes, self._signs = self._codes[alive], self._signs[:, alive]
        self._rows, self._dead = len(alive), 0

    def _resize(self, capacity: int) -> None:
        kept, codes, signs = self._rows, self._codes, self._signs
        scales, ids = self._scales, self._ids
        self._codes = np.zeros((capacity, self._dims), np.int8)
        self._signs = np.zeros((len(signs), capacity), np.uint64)
        self._scales, self._ids = np.zeros(capacity, np.float32), np.zeros(capacity, np.int64)
        self._codes[:kept], self._signs[:, :kept] = codes[:kept], signs[:, :kept]
        self._scales[:kept], self._ids[:kept] = scales[:kept], ids[:kept]


def _signs(rows: Codes | Vector) -> Signs:
    """Which coordinates are positive: (n, dims) → (words, n)."""
    bits = np.packbits(rows > 0, axis=1)
    words = -(-bits.shape[1] // 8)
    whole = np.zeros((len(rows), 8 * words), np.uint8)
    whole[:, : bits.shape[1]] = bits
    return whole.view(np.uint64).T


def _largest(scores: Vector, count: int) -> Positions:
    """Where the `count` largest scores are, the largest first."""
    if count == 0:
        return np.zeros(0, np.int64)
    candidates = np.flatnonzero(scores >= np.partition(scores, -count)[-count])
    order = np.argsort(-scores[candidates], kind="stable")[:count]
    return candidates[order]
