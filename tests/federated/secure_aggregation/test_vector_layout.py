"""One device's numbers fill everyone's slot and one group's, and nothing else."""

import numpy as np
import pytest
from hypothesis import given, strategies as st
from hypothesis.extra import numpy as arrays

from homeward_federated.secure_aggregation.vector_layout import (
    VectorLayout,
    longest_difference,
    place,
    take_apart,
)

LAYOUT = VectorLayout(dims=4, groups=3)


@given(
    arrays.arrays(np.float64, 4, elements=st.floats(-1e9, 1e9)),
    st.one_of(st.none(), st.integers(0, 2)),
    st.floats(0.01, 100),
)
def test_the_placed_vector_is_never_longer_than_the_clip(
    difference: np.ndarray, group: int | None, bound: float
) -> None:
    placed = place(difference, group=group, layout=LAYOUT, largest_norm=bound)
    assert np.linalg.norm(placed) <= bound * (1 + 1e-12)


def test_only_everyones_slot_the_own_group_and_its_count_are_filled() -> None:
    placed = place(np.full(4, 0.1), group=1, layout=LAYOUT, largest_norm=1.0)
    assert np.flatnonzero(placed).tolist() == [0, 1, 2, 3, 8, 9, 10, 11, 17]
    alone = place(np.full(4, 0.1), group=None, layout=LAYOUT, largest_norm=1.0)
    assert np.flatnonzero(alone).tolist() == [0, 1, 2, 3]


def test_a_sum_comes_apart_into_what_went_in() -> None:
    total = sum(
        place(np.full(4, 0.1), group=group, layout=LAYOUT, largest_norm=2.0) for group in (0, 2, 2)
    )
    sums = take_apart(np.asarray(total), layout=LAYOUT, largest_norm=2.0)
    assert np.allclose(sums.everyone, 0.3)
    assert np.allclose(sums.groups[:, 0], [0.1, 0, 0.2])
    assert np.allclose(sums.counts, [1, 0, 2])


def test_without_groups_the_whole_clip_is_the_difference() -> None:
    assert longest_difference(VectorLayout(4, 0), largest_norm=2.0) == 2.0
    assert place(
        np.full(4, 9.0), group=None, layout=VectorLayout(4, 0), largest_norm=2.0
    ).shape == (4,)


@pytest.mark.parametrize("group", [-1, 3])
def test_a_group_that_is_not_there_is_refused(group: int) -> None:
    with pytest.raises(ValueError, match="group"):
        place(np.zeros(4), group=group, layout=LAYOUT, largest_norm=1.0)
    with pytest.raises(ValueError, match="shape"):
        place(np.zeros(5), group=0, layout=LAYOUT, largest_norm=1.0)
