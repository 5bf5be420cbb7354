"""The noise is the discrete Gaussian that the accounting assumes, and the test can tell."""

import math

import numpy as np
import pytest
from numpy.typing import NDArray

from homeward_federated.privacy.noise import discrete_gaussian
from homeward_federated.privacy.randomness import BitSource


def chi_square(sample: NDArray[np.int64], *, variance: float, reach: int) -> float:
    """Pearson's statistic of a sample against the discrete Gaussian; 2·reach degrees of freedom."""
    weight = {k: math.exp(-k * k / (2 * variance)) for k in range(-400, 401)}
    total = sum(weight.values())
    inner = range(-reach + 1, reach)
    expected = [len(sample) * weight[k] / total for k in inner]
    observed = [int(np.sum(sample == k)) for k in inner]
    rest = len(sample) - sum(expected)
    return sum((o - e) ** 2 / e for o, e in zip(observed, expected, strict=True)) + (
        (len(sample) - sum(observed) - rest) ** 2 / rest
    )


# 18 degrees of freedom: a right sampler exceeds 50 once in 13,000 runs.
LIMIT = 50.0


@pytest.mark.parametrize(
    ("actual", "agrees"), [(9, True), (5, False), (14, False), (2, False), (36, False)]
)
def test_the_distribution_is_exact_and_other_variances_are_told_apart(
    actual: int, *, agrees: bool
) -> None:
    sample = discrete_gaussian(actual, 20_000)
    assert bool(chi_square(sample, variance=9, reach=9) < LIMIT) is agrees


@pytest.mark.parametrize(
    ("factor", "agrees"), [(1.0, True), (0.5, False), (0.9, False), (1.1, False)]
)
def test_large_noise_has_the_deviation_it_claims(factor: float, *, agrees: bool) -> None:
    claimed = 50_000
    sample = discrete_gaussian(round((factor * claimed) ** 2), 20_000)
    # The deviation of 20,000 samples is within 2.5 % of the true one but for 1 in 10^6.
    assert bool(abs(sample.std() / claimed - 1) < 0.025) is agrees
    assert abs(float(sample.mean())) < 6 * claimed / math.sqrt(20_000)


def test_two_draws_share_nothing() -> None:
    left, right = discrete_gaussian(10**10, 500), discrete_gaussian(10**10, 500)
    assert len(np.intersect1d(left, right)) < 20


@pytest.mark.parametrize(("variance", "size"), [(0, 1), (-1, 1), (1, -1)])
def test_impossible_noise_is_refused(variance: int, size: int) -> None:
    with pytest.raises(ValueError, match="variance"):
        discrete_gaussian(variance, size)


def test_integers_below_a_bound_are_uniform() -> None:
    source = BitSource()
    counts = np.bincount([source.below(6) for _ in range(12_000)], minlength=6)
    assert len(counts) == 6
    # 5 degrees of freedom: above 28 once in 27,000 runs.
    assert float(np.sum((counts - 2000) ** 2 / 2000)) < 28
    assert source.below(1) == 0


def test_the_sampler_agrees_with_opendp() -> None:
    dp = pytest.importorskip("opendp.prelude", reason="OpenDP comes with the group `oracles`")
    dp.enable_features("contrib")
    space = dp.vector_domain(dp.atom_domain(T="i64"), size=20_000), dp.l2_distance(T="f64")
    oracle = np.array(dp.m.make_gaussian(*space, scale=3.0)([0] * 20_000))
    ours = discrete_gaussian(9, 20_000)
    edges = np.arange(-9, 11) - 0.5
    a, _ = np.histogram(np.clip(oracle, -9, 9), edges)
    b, _ = np.histogram(np.clip(ours, -9, 9), edges)
    assert float(np.sum((a - b) ** 2 / (a + b))) < LIMIT
