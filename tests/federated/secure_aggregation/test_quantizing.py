"""Vectors become integers whose length never exceeds what the noise was sized for."""

import dataclasses
import math

import numpy as np
import pytest
from hypothesis import given, strategies as st
from hypothesis.extra import numpy as arrays

from homeward_federated.secure_aggregation.quantizing import (
    clip,
    from_words,
    noise_variance,
    quantize,
    sensitivity_squared,
    to_words,
    wraps,
)
from homeward_federated.secure_aggregation.quorums import honest_survivors
from homeward_federated.wire.messages import Terms

FINITE = st.floats(-1e300, 1e300)


@given(arrays.arrays(np.float64, st.integers(1, 40), elements=FINITE), st.floats(1e-6, 1e6))
def test_clipping_bounds_the_norm_and_keeps_the_direction(vector: np.ndarray, bound: float) -> None:
    clipped = clip(vector, bound)
    assert np.linalg.norm(clipped) <= bound * (1 + 1e-9)
    assert np.all(clipped * np.sign(vector) >= 0)


def test_a_short_vector_is_left_alone() -> None:
    vector = np.array([0.3, -0.4])
    assert clip(vector, 1.0) is vector
    assert clip(np.zeros(3), 1.0).tolist() == [0, 0, 0]


@pytest.mark.parametrize("bad", [np.nan, np.inf, -np.inf])
def test_a_vector_that_is_not_finite_is_refused(bad: float) -> None:
    with pytest.raises(ValueError, match="finite"):
        quantize(np.array([bad, 0.0]), largest_norm=1.0, scale=16)
    with pytest.raises(ValueError, match="norm bound"):
        clip(np.zeros(2), 0.0)


@given(
    arrays.arrays(np.float64, st.integers(1, 40), elements=FINITE),
    st.sampled_from([1, 7, 65536]),
    st.sampled_from([0, 64]),
)
def test_no_vector_is_longer_than_its_bound_after_rounding(
    vector: np.ndarray, scale: int, tries: int
) -> None:
    rounded = quantize(vector, largest_norm=1.0, scale=scale, tries=tries)
    assert int(rounded @ rounded) <= sensitivity_squared(clip_quanta=scale, size=len(vector))


def test_rounding_is_fair() -> None:
    vector = np.full(20_000, 0.3 / 65536)
    mean = quantize(vector, largest_norm=1.0, scale=65536).mean()
    assert abs(mean - 0.3) < 6 * math.sqrt(0.21 / 20_000)


@given(st.lists(st.integers(-(2**31), 2**31 - 1), min_size=1))
def test_integers_survive_the_modulus(values: list[int]) -> None:
    integers = np.array(values, np.int64)
    assert from_words(to_words(integers)).tolist() == values


def test_the_honest_survivors_alone_carry_the_promised_noise(terms: Terms) -> None:
    variance = noise_variance(terms, size=26)
    bound = sensitivity_squared(clip_quanta=terms.clip * terms.scale, size=26)
    honest = honest_survivors(terms)
    assert honest < terms.min_survivors
    assert variance * honest >= terms.noise_multiplier**2 * bound
    assert (variance - 1) * honest < terms.noise_multiplier**2 * bound


def test_a_cohort_whose_sum_could_wrap_is_noticed(terms: Terms) -> None:
    assert not wraps(terms, size=26)
    assert wraps(dataclasses.replace(terms, scale=1 << 23), size=26)
