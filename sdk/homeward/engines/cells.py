"""
Cells describe what lies in a KV cache, position by position.

A cell is a token id, or one virtual token named by its soft prompt's hash and its row. Two caches
whose cells are equal hold the same keys and values, which is what makes reuse safe.
"""

from collections.abc import Iterator, Sequence

import numpy as np

from homeward.errors import InvalidArgument
from homeward.ports import Segment, SoftPrompt, Tokens, Vector

Cell = int | tuple[str, int]


def cells_of(segments: Sequence[Segment], *, n_vocab: int, n_embd: int) -> list[Cell]:
    """
    One cell a position, in order.

    Raises:
        InvalidArgument: a token id outside the vocabulary, or a soft prompt of the wrong shape.
    """
    cells: list[Cell] = []
    for segment in segments:
        if isinstance(segment, SoftPrompt):
            check_soft_prompt(segment, n_embd=n_embd)
            cells.extend((segment.sha256, row) for row in range(len(segment.vectors)))
        else:
            check_tokens(segment, n_vocab=n_vocab)
            cells.extend(segment)
    return cells


def check_tokens(tokens: Sequence[int], *, n_vocab: int) -> None:
    """
    Refuse ids that the runtime would look up outside its tables.

    Raises:
        InvalidArgument: an id is outside 0 ≤ id < n_vocab.
    """
    if tokens and not (min(tokens) >= 0 and max(tokens) < n_vocab):
        bad = next(token for token in tokens if not 0 <= token < n_vocab)
        raise InvalidArgument(f"token id {bad} is outside the vocabulary of {n_vocab}")


def check_soft_prompt(soft: SoftPrompt, *, n_embd: int) -> None:
    """
    Refuse vectors that are not (k, n_embd) finite float32: one NaN would spoil the cache.

    Raises:
        InvalidArgument: it is of another shape or type, or not finite.
    """
    shape, dtype = soft.vectors.shape, soft.vectors.dtype
    if len(shape) != 2 or shape[1] != n_embd or dtype != np.float32:
        raise InvalidArgument(f"a soft prompt is (k, {n_embd}) float32, not {shape} {dtype}")
    if not np.isfinite(soft.vectors).all():
        raise InvalidArgument("a soft prompt must be finite")


def common_prefix(held: Sequence[Cell], wanted: Sequence[Cell]) -> int:
    """How many leading cells are equal."""
    shorter = min(len(held), len(wanted))
    if held[:shorter] == wanted[:shorter]:
        return shorter
    return next(at for at in range(shorter) if held[at] != wanted[at])


def chunks(segments: Sequence[Segment], *, skip: int, size: int) -> Iterator[Tokens | Vector]:
    """
    What is left of `segments` after `skip` positions, in pieces of one kind and at most `size`.

    Shapes:
        Of a soft prompt: (n, n_embd) float32, n ≤ size.

    Guarantees:
        Token segments that touch are one run: how the caller cut them does not change the pieces,
        so it does not change the rounding of the logits either.
    """
    for run in _runs(segments):
        dropped = min(skip, len(run))
        skip -= dropped
        for start in range(dropped, len(run), size):
            yield run[start : start + size]


def _runs(segments: Sequence[Segment]) -> Iterator[Tokens | Vector]:
    tokens: list[int] = []
    for segment in segments:
        if not isinstance(segment, SoftPrompt):
            tokens.extend(segment)
            continue
        yield tuple(tokens)
        tokens.clear()
        yield segment.vectors
    yield tuple(tokens)
