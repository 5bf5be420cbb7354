"""A prior that is worse for people is rolled back; noise alone neither keeps nor drops one."""

from dataclasses import replace

import numpy as np
import pytest

from homeward_federated.priors.canary import gain, judge, settle, smallest_cohort
from homeward_federated.priors.published_prior import PublishedPrior


def test_a_devices_gain_is_its_accuracy_under_the_new_prior_less_the_old(
    prior: PublishedPrior,
) -> None:
    good = replace(prior, everyone=np.eye(8, dtype=np.float32)[1], version=1)
    pairs = np.tile(np.eye(8)[1], (4, 1))
    assert gain(np.zeros(8), pairs, old=prior, new=good).tolist() == [1.0]
    assert gain(np.zeros(8), pairs, old=good, new=prior).tolist() == [-1.0]
    assert gain(np.zeros(8), np.zeros((0, 8)), old=prior, new=good).tolist() == [0.0]


@pytest.mark.parametrize(
    ("total", "deviation", "keep"),
    [(5.0, 1.0, True), (-50.0, 1.0, False), (-50.0, 400.0, True), (-5.0, 0.1, True)],
)
def test_the_verdict_needs_more_than_noise(total: float, deviation: float, *, keep: bool) -> None:
    assert judge(total, survivors=1000, deviation=deviation).keep is keep


def test_a_bad_prior_is_followed_by_the_old_one(prior: PublishedPrior) -> None:
    bad = replace(prior, version=1, previous=prior.hash, everyone=prior.everyone + 1)
    verdict = judge(-100.0, survivors=200, deviation=4.0)
    after = settle(verdict, old=prior, new=bad)
    assert (after.version, after.previous) == (2, bad.hash)
    assert after.everyone.tolist() == prior.everyone.tolist()
    assert settle(judge(1.0, survivors=200, deviation=4.0), old=prior, new=bad) is bad


def test_enough_canaries_make_the_noise_smaller_than_the_tolerance() -> None:
    count = smallest_cohort(tolerance=0.01, noise_multiplier=4.0)
    assert count == 800
    assert 2 * judge(0.0, survivors=count, deviation=4.0).error <= 0.01
