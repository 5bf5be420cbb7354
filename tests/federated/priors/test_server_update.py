"""Priors move by what the noise does not explain; groups live while people can hide in them."""

from dataclasses import replace

import numpy as np
import pytest

from homeward_federated.priors.published_prior import PublishedPrior
from homeward_federated.priors.server_update import (
    Noise,
    Pace,
    advance,
    cap,
    enough,
    seed_groups,
    shrink,
    tend,
)
from homeward_federated.secure_aggregation.quorums import honest_survivors
from homeward_federated.secure_aggregation.vector_layout import Sums
from homeward_federated.wire.messages import Terms

PACE = Pace()
QUIET = Noise(slot=1e-9, count=1e-9)
RNG = np.random.default_rng(5)


def sums(everyone: float, groups: list[float], counts: list[float]) -> Sums:
    return Sums(np.full(8, everyone), np.array([np.full(8, g) for g in groups]), np.array(counts))


def test_shrinking_beats_the_noisy_sum_and_removes_pure_noise() -> None:
    truth, errors = np.full(64, 0.5), {"raw": 0.0, "shrunk": 0.0}
    for _ in range(200):
        noisy = truth + RNG.normal(size=64)
        errors["raw"] += float(np.sum((noisy - truth) ** 2))
        errors["shrunk"] += float(np.sum((shrink(noisy, deviation=1.0) - truth) ** 2))
    assert errors["shrunk"] < 0.5 * errors["raw"]
    assert not shrink(np.full(64, 0.9), deviation=1.0).any()
    assert not shrink(np.zeros(4), deviation=0.0).any()
    assert shrink(truth, deviation=0.0).tolist() == truth.tolist()


def test_no_round_moves_a_prior_farther_than_the_cap(prior: PublishedPrior) -> None:
    moved = advance(prior, sums(1e6, [1e6, 0.0], [50, 50]), survivors=100, noise=QUIET, pace=PACE)
    assert np.isclose(np.linalg.norm(moved.everyone - prior.everyone), PACE.longest_step)
    assert np.linalg.norm(moved.groups[0]) <= PACE.longest_offset + 1e-6
    assert (moved.version, moved.previous) == (1, prior.hash)
    assert cap(np.zeros(3), 1.0).tolist() == [0, 0, 0]


def test_only_live_groups_with_enough_people_move(prior: PublishedPrior) -> None:
    total = sums(0.0, [1.0, 1.0], [50, 19])
    moved = advance(prior, total, survivors=100, noise=QUIET, pace=PACE)
    assert np.allclose(moved.groups[0] - prior.groups[0], 1 / 50)
    assert np.array_equal(moved.groups[1], prior.groups[1])
    prior.live[0] = False
    still = advance(prior, total, survivors=100, noise=QUIET, pace=PACE)
    assert np.array_equal(still.groups, prior.groups)


def test_a_group_within_the_noise_of_its_count_is_not_enough() -> None:
    noise = Noise(slot=1.0, count=16.0)
    assert enough(np.array([47.0, 48.0]), noise=noise, pace=PACE).tolist() == [False, True]


def test_the_noise_in_a_sum_follows_from_the_terms(terms: Terms) -> None:
    noise = Noise.of(terms, survivors=honest_survivors(terms))
    assert noise.slot == pytest.approx(terms.noise_multiplier * terms.clip, rel=1e-3)
    assert noise.count == pytest.approx(4.0 / 0.3, rel=1e-3)


def test_small_groups_freeze(prior: PublishedPrior) -> None:
    kept = tend(prior, np.array([50.0, 19.0]), noise=QUIET, pace=replace(PACE, smallest_group=30),
                rng=RNG)  # fmt: skip
    assert kept.live.tolist() == [True, False]


def test_the_largest_group_splits_into_a_free_place(prior: PublishedPrior) -> None:
    grown = tend(prior, np.array([50.0, 10.0]), noise=QUIET, pace=PACE, rng=RNG)
    assert grown.live.tolist() == [True, True]
    gap = np.linalg.norm(grown.groups[1] - grown.groups[0])
    assert gap == pytest.approx(PACE.birth_radius, rel=1e-5)


def test_groups_that_say_the_same_merge_by_weight(prior: PublishedPrior) -> None:
    prior.groups[1] = prior.groups[0]
    prior.groups[1, 1] = 0.04
    merged = tend(prior, np.array([20.0, 60.0]), noise=QUIET, pace=replace(PACE, smallest_group=50),
                  rng=RNG)  # fmt: skip
    assert merged.live.tolist() == [False, True]  # the smaller froze before they could merge
    both = tend(prior, np.array([20.0, 60.0]), noise=QUIET, pace=replace(PACE, birth_radius=9.0),
                rng=RNG)  # fmt: skip
    assert both.groups[0, 1] == pytest.approx(0.03, rel=1e-5)
    assert np.linalg.norm(both.groups[1]) > 8  # the freed place holds a split


def test_with_no_live_group_nothing_splits(prior: PublishedPrior) -> None:
    none = tend(prior, np.array([1.0, 1.0]), noise=QUIET, pace=PACE, rng=RNG)
    assert not none.live.any()


def test_groups_begin_around_everyone(prior: PublishedPrior) -> None:
    seeded = seed_groups(prior, pace=PACE, rng=RNG)
    assert seeded.live.all()
    assert np.allclose(np.linalg.norm(seeded.groups, axis=1), PACE.birth_radius)
