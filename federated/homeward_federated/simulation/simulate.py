"""
Simulates many devices in one process: the same clipping, rounding and noise, without masks.

Masks cancel exactly, so leaving them out changes no number that a server would see; a test holds a
real round against this. For judging utility and capacity, never for anyone's data.
"""

from collections.abc import Iterator
from dataclasses import dataclass, field

import numpy as np
from numpy.typing import NDArray

from homeward_federated.priors.published_prior import PublishedPrior, nearest_group
from homeward_federated.priors.server_update import Noise, Pace, advance, seed_groups, tend
from homeward_federated.privacy.noise import discrete_gaussian
from homeward_federated.secure_aggregation.quantizing import noise_variance, quantize
from homeward_federated.secure_aggregation.vector_layout import (
    Sums,
    VectorLayout,
    place,
    take_apart,
)
from homeward_federated.wire.messages import Terms

Vectors = NDArray[np.float64]


def simulate_sums(vectors: Vectors, prior: PublishedPrior, terms: Terms) -> Sums:
    """
    Return what the server opens when all of `vectors` survive.

    Shapes:
        vectors: (devices, dims).

    The devices' noises are drawn as one of their summed variance, which differs from their sum by
    less than 1e-100 (accounting). `noise_multiplier` 0 gives the sum without noise.
    """
    layout = VectorLayout(terms.dims, terms.groups)
    total = np.zeros(layout.size, np.int64)
    for vector in vectors:
        group = nearest_group(vector, prior)
        difference = vector - prior.of_group(group)
        placed = place(difference, group=group, layout=layout, largest_norm=terms.clip)
        total += quantize(placed, largest_norm=terms.clip, scale=terms.scale)
    variance = noise_variance(terms, size=layout.size) * len(vectors)
    if variance:
        total += discrete_gaussian(variance, layout.size)
    return take_apart(total / terms.scale, layout=layout, largest_norm=terms.clip)


@dataclass(frozen=True, slots=True)
class SimulationPlan:
    """A federation of many rounds."""

    terms: Terms
    rounds: int
    cohort: int
    pace: Pace = field(default_factory=Pace)
    tend_every: int = 5


def train(population: Vectors, plan: SimulationPlan, *, seed: int) -> Iterator[PublishedPrior]:
    """
    Yield the prior after each round; each round draws its cohort at random.

    Shapes:
        population: (devices, dims).
    """
    rng = np.random.default_rng(seed)
    terms, pace = plan.terms, plan.pace
    prior = PublishedPrior.blank(terms.task, dims=terms.dims, groups=terms.groups)
    for number in range(1, plan.rounds + 1):
        chosen = population[rng.choice(len(population), plan.cohort, replace=False)]
        sums = simulate_sums(chosen, prior, terms)
        noise = Noise.of(terms, survivors=plan.cohort)
        prior = advance(prior, sums, survivors=plan.cohort, noise=noise, pace=pace)
        if number == 1 and terms.groups:
            # Groups are born around the first estimate of everyone.
            prior = seed_groups(prior, pace=pace, rng=rng)
        elif number % plan.tend_every == 0:
            prior = tend(prior, sums.counts, noise=noise, pace=pace, rng=rng)
        yield prior
