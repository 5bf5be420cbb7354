"""Packs texts of many lengths into equal rows behind one prefix."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from homeward.errors import InvalidArgument
from homeward.learning.gradients.architecture import Architecture
from homeward.ports import Tokens, Vector

_SHORTEST_ROW = 32  # below this, rows are so many that attention's small products dominate
_HIDDEN = np.float32(-1e9)  # a score that softmax turns into exactly 0


@dataclass(frozen=True, slots=True)
class TrainingExample:
    """A text after the prefix; the tokens from `start` on are the ones that are scored."""

    tokens: Tokens
    start: int = 0

    @property
    def scored(self) -> int:
        """How many tokens are scored."""
        return len(self.tokens) - self.start


@dataclass(frozen=True, slots=True)
class Packed:
    """
    Examples laid into rows.

    Shapes:
        tokens: (rows · length,) int64, 0 where nothing lies;
        offsets: (prefix + rows · length,) int64, positions as the model counts them;
        segments: (rows, length) int64, which example a place belongs to, -1 for none;
        predictors: (scored,) int64, places whose state predicts the scored tokens, the prefix
        counted; targets: (scored,) int64; owners: (scored,) int64, example of each.
    """

    prefix: int
    tokens: NDArray[np.int64]
    offsets: NDArray[np.int64]
    segments: NDArray[np.int64]
    predictors: NDArray[np.int64]
    targets: NDArray[np.int64]
    owners: NDArray[np.int64]

    @property
    def length(self) -> int:
        """Tokens in a row."""
        return int(self.segments.shape[1])


def pack(examples: Sequence[TrainingExample], *, prefix: int) -> Packed:
    """
    Lay examples into as few rows as first-fit finds, longest first.

    The last token of an example is only predicted, never read, so it takes no place. A first
    token that is scored is predicted by the prefix's last state.

    Raises:
        InvalidArgument: `prefix` is zero, so nothing predicts the first token.
    """
    if prefix < 1:
        raise InvalidArgument(
            "the prefix is empty; give at least one token to predict the first one from"
        )
    sizes = [len(example.tokens) - 1 for example in examples]
    length = max([_SHORTEST_ROW, *sizes])
    places = _first_fit(sizes, length)
    rows = 1 + max((row for row, _ in places), default=0)
    tokens = np.zeros((rows, length), np.int64)
    offsets = np.zeros((rows, length), np.int64)
    segments = np.full((rows, length), -1, np.int64)
    for owner, (example, size, (row, column)) in enumerate(
        zip(examples, sizes, places, strict=True)
    ):
        here = slice(column, column + size)
        tokens[row, here] = example.tokens[:size]
        offsets[row, here] = prefix + np.arange(size)
        segments[row, here] = owner
    starts = [prefix + row * length + column for row, column in places]
    return Packed(
        prefix=prefix,
        tokens=tokens.ravel(),
        offsets=np.concatenate([np.arange(prefix), offsets.ravel()]),
        segments=segments,
        **_scored(examples, starts, prefix),
    )


def _first_fit(sizes: Sequence[int], length: int) -> list[tuple[int, int]]:
    """(row, column) of each size; ties keep their order, so the same texts pack the same way."""
    used: list[int] = []
    places = [(0, 0)] * len(sizes)
    for index in sorted(range(len(sizes)), key=lambda i: -sizes[i]):
        row = next((r for r, n in enumerate(used) if n + sizes[index] <= length), len(used))
        if row == len(used):
            used.append(0)
        places[index] = (row, used[row])
        used[row] += sizes[index]
    return places


def _scored(
    examples: Sequence[TrainingExample], starts: Sequence[int], prefix: int
) -> dict[str, NDArray[np.int64]]:
    predictors, targets, owners = [], [], []
    for owner, (example, start) in enumerate(zip(examples, starts, strict=True)):
        for place in range(example.start, len(example.tokens)):
            predictors.append(start + place - 1 if place else prefix - 1)
            targets.append(example.tokens[place])
            owners.append(owner)
    return {
        "predictors": np.asarray(predictors, np.int64),
        "targets": np.asarray(targets, np.int64),
        "owners": np.asarray(owners, np.int64),
    }


def masks(packed: Packed, window: int) -> tuple[Vector, Vector]:
    """
    What may be seen: (1, 1, prefix, prefix) and (rows, 1, length, prefix + length).

    `window` is how many tokens back a place sees, itself counted; 0 means all.
    """
    ahead = np.arange(packed.prefix)
    first = _visible(ahead[:, None], ahead[None, :], window)
    offsets = packed.offsets[packed.prefix :].reshape(packed.segments.shape)
    same = packed.segments[:, :, None] == packed.segments[:, None, :]
    column = np.arange(packed.length)
    # Columns, not offsets, order a row: filler places all have offset 0 and see one another.
    own = same & (column[:, None] >= column[None, :])
    if window:
        own &= offsets[:, :, None] - offsets[:, None, :] < window
    shared = np.ones((*packed.segments.shape, packed.prefix), bool)
    if window:
        shared = offsets[:, :, None] - ahead < window
    rows = np.concatenate([shared, own], axis=2)
    return (
        np.where(first, np.float32(0), _HIDDEN)[None, None].astype(np.float32),
        np.where(rows, np.float32(0), _HIDDEN)[:, None].astype(np.float32),
    )


def _visible(query: NDArray[np.int64], key: NDArray[np.int64], window: int) -> NDArray[np.bool_]:
    seen = query >= key
    return seen & (query - key < window) if window else seen


def rotary_tables(
    arch: Architecture, layer: int, offsets: NDArray[np.int64], divisors: Vector | None
) -> tuple[Vector, Vector]:
    """
    Cosines and sines of a layer: two (tokens, 1, turned / 2); no turn where it uses none.

    Source:
        Su et al. 2021, arXiv:2104.09864.
    """
    half = arch.turned // 2
    if not arch.turns(layer):
        flat = (len(offsets), 1, half)
        return np.ones(flat, np.float32), np.zeros(flat, np.float32)
    speeds = arch.rotary_base(layer) ** (-np.arange(half) / half) / arch.rotary_stretch(layer)
    if divisors is not None:
        speeds = speeds / divisors[:half]
    angles = offsets[:, None, None] * speeds
    return np.cos(angles).astype(np.float32), np.sin(angles).astype(np.float32)
