"""The map: two principal components, fixed and scaled."""

import numpy as np
import pytest

from homeward.serving.dashboard.projection import plane_of


def test_the_axes_are_those_of_the_singular_value_decomposition() -> None:
    rng = np.random.default_rng(3)
    vectors = (rng.normal(size=(60, 8)) * [5, 3, 1, 1, 1, 0.5, 0.5, 0.1]).astype(np.float32)
    _, sizes, _ = np.linalg.svd(vectors - vectors.mean(axis=0), full_matrices=False)

    plane = plane_of(vectors)

    shares = sizes[:2] ** 2 / (sizes**2).sum()
    np.testing.assert_allclose(plane.explained, shares, rtol=1e-4)
    assert plane.places.min() == 0
    assert plane.places.max() == 1


def test_near_vectors_lie_near_each_other() -> None:
    rng = np.random.default_rng(4)
    centres = np.eye(3, 16)
    vectors = np.repeat(centres, 20, axis=0) + rng.normal(size=(60, 16)) * 0.05

    places = plane_of(vectors.astype(np.float32)).places.reshape(3, 20, 2)

    middles = places.mean(axis=1)
    between = np.linalg.norm(middles - middles[[1, 2, 0]], axis=1).min()
    assert between > 5 * places.std(axis=1).max()


def test_the_same_memories_give_the_same_map() -> None:
    vectors = np.random.default_rng(5).normal(size=(30, 12)).astype(np.float32)

    np.testing.assert_array_equal(plane_of(vectors).places, plane_of(vectors.copy()).places)
    np.testing.assert_allclose(
        plane_of(vectors).places, plane_of(vectors[::-1].copy()).places[::-1], atol=1e-6
    )


def test_memories_that_all_mean_the_same_lie_in_the_middle() -> None:
    plane = plane_of(np.ones((5, 4), np.float32))

    np.testing.assert_array_equal(plane.places, np.full((5, 2), 0.5))
    assert plane.explained == (0.0, 0.0)


def test_two_memories_make_no_map() -> None:
    with pytest.raises(ValueError, match="needs at least 3 vectors, got 2"):
        plane_of(np.ones((2, 4), np.float32))
