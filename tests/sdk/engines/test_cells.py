"""Reuse of a KV cache: what is kept is what is equal, and what is decoded is exactly the rest."""

import numpy as np
import pytest
from hypothesis import given, strategies as st

from homeward.engines.cells import cells_of, chunks, common_prefix
from homeward.ports import Segment, SoftPrompt

SOFT = {
    name: SoftPrompt(vectors=np.full((rows, 4), rows, dtype=np.float32), sha256=name * 64)
    for name, rows in (("a", 1), ("b", 3))
}
token_runs = st.lists(st.integers(0, 9), max_size=6).map(tuple)
segment_lists = st.lists(token_runs | st.sampled_from(list(SOFT.values())), max_size=6)


def cells(segments: list[Segment]) -> list[object]:
    return list(cells_of(segments, n_vocab=10, n_embd=4))


@given(st.lists(st.integers(0, 2), max_size=8), st.lists(st.integers(0, 2), max_size=8))
def test_the_common_prefix_is_equal_and_cannot_be_longer(
    held: list[int], wanted: list[int]
) -> None:
    length = common_prefix(held, wanted)
    assert held[:length] == wanted[:length]
    assert held[length : length + 1] != wanted[length : length + 1] or length == len(held)


@given(segment_lists, st.integers(0, 30), st.integers(1, 5))
def test_chunks_are_small_of_one_kind_and_together_what_was_not_skipped(
    segments: list[Segment], skip: int, size: int
) -> None:
    pieces = list(chunks(segments, skip=skip, size=size))
    flat: list[object] = []
    for piece in pieces:
        assert 1 <= len(piece) <= size
        flat.extend(piece if isinstance(piece, tuple) else [("row", row[0]) for row in piece])
    expected = [
        cell if isinstance(cell, int) else ("row", float({"a": 1, "b": 3}[cell[0][0]]))
        for cell in cells_of(segments, n_vocab=10, n_embd=4)
    ]
    assert flat == expected[skip:]


@given(token_runs, st.integers(0, 6))
def test_how_tokens_are_cut_into_segments_changes_nothing(
    tokens: tuple[int, ...], cut: int
) -> None:
    whole, parts = [tokens], [tokens[:cut], tokens[cut:]]
    assert cells([*whole]) == cells([*parts])
    assert list(chunks(whole, skip=1, size=2)) == list(chunks(parts, skip=1, size=2))


def test_the_same_rows_of_another_soft_prompt_are_other_cells() -> None:
    twin = SoftPrompt(vectors=SOFT["b"].vectors, sha256="c" * 64)
    assert common_prefix(cells([(1,), SOFT["b"]]), cells([(1,), twin])) == 1  # type: ignore[arg-type]


@pytest.mark.parametrize("token", [-1, 10, 2**31])
def test_a_token_outside_the_vocabulary_is_refused(token: int) -> None:
    with pytest.raises(ValueError, match=str(token)):
        cells([(1, token)])


@pytest.mark.parametrize(
    "vectors",
    [
        np.zeros((2, 5), np.float32),
        np.zeros(4, np.float32),
        np.zeros((2, 4)),
        np.full((2, 4), np.nan, np.float32),
        np.full((2, 4), np.inf, np.float32),
    ],
)
def test_a_soft_prompt_of_another_shape_type_or_not_finite_is_refused(vectors: object) -> None:
    with pytest.raises(ValueError, match="soft prompt"):
        cells([SoftPrompt(vectors=vectors, sha256="a" * 64)])  # type: ignore[arg-type]
