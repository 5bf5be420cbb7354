"""
Computes the next prior from an opened sum: step size, and which groups stay.

Everything here works on sums that are already private, so nothing costs more budget. Steps are
shrunk by what the noise explains and capped in length, so that one round, honest or not, moves a
prior only so far. Knows no devices.

Source: James and Stein 1961 (positive part) for the shrinking.
"""

import math
from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray

from homeward_federated.priors.published_prior import PublishedPrior
from homeward_federated.secure_aggregation.quantizing import noise_variance
from homeward_federated.secure_aggregation.vector_layout import COUNT_SHARE, Sums, VectorLayout
from homeward_federated.wire.messages import Terms

Vector = NDArray[np.float64]


@dataclass(frozen=True, slots=True)
class Pace:
    """How far the server moves the prior in one round."""

    rate: float = 1.0
    longest_step: float = 1.0  # L2, per round and vector
    longest_offset: float = 2.0  # L2 of a group; half of what devices refuse
    smallest_group: float = 20.0  # devices, and at least three deviations of the noisy count
    merge_below: float = 0.05  # L2 between two groups that say the same
    birth_radius: float = 0.2  # L2 between a new group and the one it splits from


@dataclass(frozen=True, slots=True)
class Noise:
    """The known noise in an opened sum."""

    slot: float  # standard deviation of each coordinate, in units
    count: float  # of each count, in devices

    @classmethod
    def of(cls, terms: Terms, *, survivors: int) -> "Noise":
        """Return the noise that `survivors` devices added together."""
        size = VectorLayout(terms.dims, terms.groups).size
        deviation = math.sqrt(noise_variance(terms, size=size) * survivors) / terms.scale
        return cls(deviation, deviation / (COUNT_SHARE * terms.clip))


def shrink(total: Vector, *, deviation: float) -> Vector:
    """
    Scale a noisy sum towards zero by the share of its length that the noise explains.

    Shapes:
        total: (n,) float64. Returns (n,) float64. `deviation` is of one coordinate, in units.

    Guarantees:
        For three or more coordinates the mean squared error is below that of the sum itself.
    """
    squared = float(total @ total)
    explained = max(len(total) - 2, 0) * deviation**2
    return total * max(0.0, 1 - explained / squared) if squared > 0 else total


def cap(vector: Vector, longest: float) -> Vector:
    """
    Return `vector`, scaled down to the L2 norm `longest` if it is longer.

    Shapes:
        vector: (n,) float64. Returns (n,) float64.
    """
    norm = float(np.linalg.norm(vector))
    return vector * (longest / norm) if norm > longest else vector


def advance(
    prior: PublishedPrior, sums: Sums, *, survivors: int, noise: Noise, pace: Pace
) -> PublishedPrior:
    """
    Return the next version: everyone's vector and the large enough live groups moved.

    Shapes:
        prior.everyone (dims,), prior.groups (groups, dims), as in `sums`.
    """
    step = pace.rate * shrink(sums.everyone, deviation=noise.slot) / survivors
    everyone = prior.everyone + cap(step, pace.longest_step)
    groups = prior.groups.astype(np.float64)
    for group in np.flatnonzero(prior.live & enough(sums.counts, noise=noise, pace=pace)):
        step = pace.rate * shrink(sums.groups[group], deviation=noise.slot) / sums.counts[group]
        # A group is an offset from everyone, who moved too.
        moved = groups[group] + cap(step, pace.longest_step) - (everyone - prior.everyone)
        groups[group] = cap(moved, pace.longest_offset)
    return replace(
        prior,
        version=prior.version + 1,
        previous=prior.hash,
        everyone=everyone.astype(np.float32),
        groups=groups.astype(np.float32),
    )


def enough(counts: Vector, *, noise: Noise, pace: Pace) -> NDArray[np.bool_]:
    """
    Tell which groups are surely not a handful of people, given the noise in their counts.

    Shapes:
        counts: (groups,) float64, in devices. Returns (groups,) bool.
    """
    return counts >= max(pace.smallest_group, 3 * noise.count)


def tend(
    prior: PublishedPrior, counts: Vector, *, noise: Noise, pace: Pace, rng: np.random.Generator
) -> PublishedPrior:
    """
    Freeze groups too small to hide in, merge ones that say the same, split the largest.

    `rng` only breaks the symmetry of a split; it protects nothing.

    Shapes:
        counts: (groups,) float64, in devices.
    """
    groups, live = prior.groups.astype(np.float64), prior.live.copy()
    counts = np.where(live, counts, 0.0)
    live &= enough(counts, noise=noise, pace=pace)
    _merge(groups, live, counts, pace)
    halves = enough(counts / 2, noise=noise, pace=pace)  # both parts have to be able to live
    _split(groups, live, np.where(live & halves, counts, 0.0), pace.birth_radius, rng)
    return replace(prior, groups=groups.astype(np.float32), live=live)


def _merge(groups: Vector, live: NDArray[np.bool_], counts: Vector, pace: Pace) -> None:
    for left in range(len(groups)):
        for right in range(left + 1, len(groups)):
            gap = float(np.linalg.norm(groups[left] - groups[right]))
            if live[left] and live[right] and gap < pace.merge_below:
                both = counts[left] + counts[right]
                groups[left] += (groups[right] - groups[left]) * counts[right] / both
                counts[left], live[right] = both, False


def _split(
    groups: Vector,
    live: NDArray[np.bool_],
    counts: Vector,
    radius: float,
    rng: np.random.Generator,
) -> None:
    free = np.flatnonzero(~live)
    if not len(free) or not counts.any():
        return
    direction = rng.normal(size=groups.shape[1])
    offset = groups[np.argmax(counts)] + direction * radius / np.linalg.norm(direction)
    groups[free[0]], live[free[0]] = offset, True


def seed_groups(prior: PublishedPrior, *, pace: Pace, rng: np.random.Generator) -> PublishedPrior:
    """Return a prior whose groups all live, at random places around everyone's."""
    directions = rng.normal(size=prior.groups.shape)
    lengths = np.linalg.norm(directions, axis=1, keepdims=True)
    offsets = (directions * pace.birth_radius / lengths).astype(np.float32)
    return replace(prior, groups=offsets, live=np.ones(len(offsets), bool))
