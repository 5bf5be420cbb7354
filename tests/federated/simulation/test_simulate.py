"""A simulated round has a real one's numbers, and ten thousand devices fit into a process."""

import dataclasses

import numpy as np

from homeward_federated.priors.published_prior import PublishedPrior
from homeward_federated.simulation.cohorts import LocalFederation, run_round
from homeward_federated.simulation.simulate import SimulationPlan, simulate_sums, train
from homeward_federated.wire.messages import Terms


def test_a_simulated_sum_is_the_real_one_but_for_the_noise(
    federation: LocalFederation, prior: PublishedPrior, now: int
) -> None:
    policy = dataclasses.replace(federation.policy, min_noise_multiplier=20 / 65536)
    faint = dataclasses.replace(federation, policy=policy)
    terms = faint.terms(prior, now=now)
    vectors = np.random.default_rng(2).normal(size=(10, 8)) * 0.2
    devices = {}
    for vector in vectors:
        [member] = faint.enrol(1)
        devices[member.identity.public] = faint.device(member, vector)
    real = run_round(faint.serve(terms, prior), devices, now=now).sums
    simulated = simulate_sums(vectors, prior, terms)
    assert np.allclose(real.everyone, simulated.everyone, atol=0.01)
    assert np.allclose(real.groups, simulated.groups, atol=0.01)
    assert np.allclose(real.counts, simulated.counts, atol=0.05)


def test_ten_thousand_devices_in_one_round(terms: Terms, prior: PublishedPrior) -> None:
    vectors = np.tile(np.eye(8)[0] * 0.4, (10_000, 1))
    vectors[:4000, 0] = -0.4
    sums = simulate_sums(vectors, prior, terms)
    # z = 4 sized for 4 honest survivors: 10,000 devices add 4 / 0.3 · sqrt(10,000 / 4) = 667.
    assert np.allclose(sums.counts, [6000, 4000], atol=6 * 667)


def test_a_federation_learns_where_its_people_are(terms: Terms) -> None:
    rng = np.random.default_rng(4)
    centre = np.eye(8)[2]
    sides = rng.choice([-1.0, 1.0], 2000)[:, None] * np.eye(8)[5] * 0.5
    people = centre + sides + rng.normal(size=(2000, 8)) * 0.05
    plan = SimulationPlan(
        dataclasses.replace(terms, noise_multiplier=1.0, min_survivors=200), rounds=20, cohort=300
    )
    *_, last = train(people, plan, seed=1)
    assert np.linalg.norm(last.everyone - centre) < 0.5
    errors = [
        min(float(np.linalg.norm(p - last.of_group(int(g)))) for g in np.flatnonzero(last.live))
        for p in people[:200]
    ]
    assert np.mean(errors) < 0.7 * np.mean(np.linalg.norm(people[:200] - last.everyone, axis=1))
    assert last.version == 20


def test_a_federation_without_groups_learns_everyones_prior(terms: Terms) -> None:
    people = np.tile(np.eye(8)[1] * 0.3, (500, 1))
    plan = SimulationPlan(
        dataclasses.replace(terms, groups=0, noise_multiplier=0.0), rounds=3, cohort=100
    )
    *_, last = train(people, plan, seed=1)
    assert np.allclose(last.everyone, people[0], atol=1e-3)
