"""Epsilon from rho: safe, close to the exact value, and priced without amplification."""

import math

import pytest

from homeward_federated.privacy.accounting import epsilon, rho


@pytest.mark.parametrize("noise_multiplier", [1.0, 2.0, 4.0, 8.0])
@pytest.mark.parametrize("rounds", [1, 5, 10, 20, 100])
def test_the_ledgers_epsilon_lies_just_above_the_exact_one(
    noise_multiplier: float, rounds: int
) -> None:
    dp_accounting = pytest.importorskip(
        "dp_accounting", reason="dp-accounting comes with the group `oracles`"
    )
    exact = dp_accounting.pld.PLDAccountant(value_discretization_interval=1e-3)
    exact.compose(
        dp_accounting.SelfComposedDpEvent(dp_accounting.GaussianDpEvent(noise_multiplier), rounds)
    )
    ours, theirs = epsilon(rounds * rho(noise_multiplier), delta=1e-6), exact.get_epsilon(1e-6)
    assert theirs <= ours <= 1.10 * theirs


@pytest.mark.parametrize(
    ("noise_multiplier", "rounds", "exact"),
    # Recorded from dp-accounting 0.6.0, PLD at delta 1e-6.
    [(1.0, 5, 12.6), (2.0, 10, 8.31), (4.0, 10, 3.75), (4.0, 20, 5.55), (8.0, 100, 6.31)],
)
def test_the_ledgers_epsilon_agrees_with_recorded_values(
    noise_multiplier: float, rounds: int, exact: float
) -> None:
    ours = epsilon(rounds * rho(noise_multiplier), delta=1e-6)
    assert 0.995 * exact <= ours <= 1.10 * exact


def test_nine_rounds_at_noise_four_cost_less_than_epsilon_four() -> None:
    assert epsilon(9 * rho(4.0), delta=1e-6) < 4.0 < epsilon(10 * rho(4.0), delta=1e-6)


def test_nothing_spent_costs_nothing() -> None:
    assert epsilon(0.0, delta=1e-6) == 0.0
    assert epsilon(1e-12, delta=0.9) == 0.0


def test_impossible_costs_are_refused() -> None:
    for rho_spent, delta in ((-1.0, 0.1), (1.0, 0.0), (1.0, 1.0)):
        with pytest.raises(ValueError, match="out of range"):
            epsilon(rho_spent, delta=delta)
    for noise_multiplier in (0.0, -1.0, math.nan):
        with pytest.raises(ValueError, match="not positive"):
            rho(noise_multiplier)


def test_a_sum_of_rounded_noises_is_as_good_as_one() -> None:
    # Kairouz, Liu and Steinke 2021, Theorem 1: the distance of n summed discrete Gaussians from
    # one is at most 10 · sum over k < n of exp(-2 pi² s² k/(k+1)), here at the smallest s allowed.
    gap = 10 * sum(math.exp(-2 * math.pi**2 * 64 * k / (k + 1)) for k in range(1, 2048))
    assert gap < 1e-100
