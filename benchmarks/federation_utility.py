"""
Cold-start accuracy from federated priors, on real people's ratings of jokes (Jester).

    python -m benchmarks.federation_utility [--json] --data DIR

Each of 3,900 population users is a device; its 64 numbers are its centred ratings of the 64 jokes
that most of them rated, zero where it rated none. Other users' first n choices update each prior
(Bradley-Terry, Laplace), and accuracy is over their held-back pairs of these jokes. Groups are
mixed by the likelihood of the n choices. Choices and held-back pairs are about different jokes, so
only groups, or the upper bound's covariance, can carry anything from one to the other. The upper
bound is not private: mean and full covariance of all users' vectors in one place.
"""

import argparse
import json
import os
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from benchmarks.report import Figure, report
from homeward_federated.priors.published_prior import PublishedPrior
from homeward_federated.simulation.simulate import SimulationPlan, train
from homeward_federated.wire.messages import Terms

DIMS, ROUNDS, GROUPS = 64, 25, 6
# Ratings go from -10 to 10: a typical person's vector then has length 1, the clip.
UNIT = 30.0
SHARPNESS = 8.0  # how surely a gap of one unit decides a choice
SPREAD = 0.12  # deviation of one person's number around their prior, in units
SEEN = (0, 1, 2, 4, 8)
Vector = NDArray[np.float64]
Pairs = NDArray[np.int64]  # (n, 2): chosen, rejected


@dataclass(frozen=True, slots=True)
class Person:
    """A user who is no device: choices in time order, and held-back ones."""

    support: Pairs
    test: Pairs


def read(path: Path) -> Iterator[dict[str, Any]]:
    """Yield the lines of a JSONL file."""
    with path.open() as lines:
        yield from map(json.loads, lines)


def load(folder: Path) -> tuple[Vector, list[Person]]:
    """Return the devices' vectors (devices, 64) and the people to test on."""
    ratings = [
        {int(k): v for k, v in row["r"].items()}
        for row in read(folder / "dev" / "pairpref_jester_population.jsonl")
    ]
    common = Counter(joke for row in ratings for joke in row).most_common(DIMS)
    place = {joke: number for number, (joke, _) in enumerate(sorted(common))}
    vectors = np.zeros((len(ratings), DIMS))
    for vector, row in zip(vectors, ratings, strict=True):
        mean = np.mean(list(row.values()))
        for joke, value in row.items():
            if joke in place:
                vector[place[joke]] = (value - mean) / UNIT
    people = [
        Person(*(_pairs(row[name], place) for name in ("support", "test_warm")))
        for row in read(folder / "dev" / "pairpref_jester_users.jsonl")
    ]
    return vectors, [p for p in people if len(p.test) and len(p.support) >= max(SEEN)]


def _pairs(rows: list[list[int]], place: dict[int, int]) -> Pairs:
    """Rows are (left, right, 1 if left was liked better)."""
    kept = [
        (place[a], place[b]) if left else (place[b], place[a])
        for a, b, left in rows
        if a in place and b in place
    ]
    return np.array(kept, np.int64).reshape(-1, 2)


def update(mean: Vector, covariance: Vector, pairs: Pairs) -> Vector:
    """Return the most likely vector of a person after their choices: Newton in the pairs' space."""
    if not len(pairs):
        return mean
    design = np.zeros((len(pairs), DIMS))
    design[np.arange(len(pairs)), pairs[:, 0]] += SHARPNESS
    design[np.arange(len(pairs)), pairs[:, 1]] -= SHARPNESS
    kernel, at = design @ covariance @ design.T, design @ mean
    weight = np.zeros(len(pairs))
    for _ in range(12):
        likely = 1 / (1 + np.exp(-(at + kernel @ weight)))
        curve = likely * (1 - likely)
        step = np.linalg.solve(np.eye(len(pairs)) + curve[:, None] * kernel, (1 - likely) - weight)
        weight = weight + step
    moved: Vector = mean + covariance @ design.T @ weight
    return moved


def log_likelihood(vector: Vector, pairs: Pairs) -> float:
    """Return how well `vector` explains the choices."""
    gaps = SHARPNESS * (vector[pairs[:, 0]] - vector[pairs[:, 1]])
    return float(-np.sum(np.logaddexp(0, -gaps)))


def start_for(starts: list[Vector], pairs: Pairs) -> Vector:
    """Return the mean of the starts, each weighted by how well it explains the choices."""
    scores = np.array([log_likelihood(start, pairs) for start in starts])
    weights = np.exp(scores - scores.max())
    mixed: Vector = np.average(np.array(starts), axis=0, weights=weights)
    return mixed


def accuracy(people: list[Person], starts: list[Vector], covariance: Vector, seen: int) -> float:
    """Return the mean accuracy over people who made `seen` choices."""
    found = []
    for person in people:
        pairs = person.support[:seen]
        vector = update(start_for(starts, pairs), covariance, pairs)
        gaps = vector[person.test[:, 0]] - vector[person.test[:, 1]]
        found.append(float(np.mean((gaps > 0) + 0.5 * (gaps == 0))))
    return float(np.mean(found))


def federate(
    vectors: Vector, *, noise: float, cohort: int, groups: int, seed: int
) -> PublishedPrior:
    """Return the prior after all rounds, with nobody dropping out."""
    terms = Terms(
        bytes(16), "taste", "taste-1", bytes(32), DIMS, groups, 1 << 16, 1.0, noise, cohort,
        cohort, int(0.7 * cohort), 1 / 3, 0, 1,
    )  # fmt: skip
    *_, last = train(vectors, SimulationPlan(terms, ROUNDS, cohort), seed=seed)
    return last


def starts_of(prior: PublishedPrior) -> list[Vector]:
    """Return each live group's prior, or everyone's where no group lives."""
    live = [int(group) for group in np.flatnonzero(prior.live)]
    return [prior.of_group(group) for group in live] or [prior.of_group(None)]


def main() -> None:
    """Federate, test and print."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--json", action="store_true")
    parser.add_argument("--data", type=Path, default=os.environ.get("HOMEWARD_EVAL"))
    parser.add_argument("--seed", type=int, default=1)
    options = parser.parse_args()
    if options.data is None:
        raise SystemExit("name the evaluation data: --data DIR or HOMEWARD_EVAL")
    vectors, people = load(Path(options.data))
    isotropic = np.eye(DIMS) * SPREAD**2
    centred = vectors - vectors.mean(0)
    central = centred.T @ centred / len(vectors)
    arms: dict[str, tuple[list[Vector], Vector]] = {
        "no_prior": ([np.zeros(DIMS)], isotropic),
        "not_private": ([vectors.mean(0)], central),
    }
    for groups, name in ((0, "global"), (GROUPS, "group")):
        prior = federate(vectors, noise=0.0, cohort=500, groups=groups, seed=options.seed)
        arms[f"{name}_no_noise"] = (starts_of(prior), isotropic)
    for noise in (1.0, 2.0, 4.0):
        for cohort in (50, 200, 500):
            prior = federate(vectors, noise=noise, cohort=cohort, groups=GROUPS, seed=options.seed)
            arms[f"group_z{noise:g}_cohort{cohort}"] = (starts_of(prior), isotropic)
        prior = federate(vectors, noise=noise, cohort=500, groups=0, seed=options.seed)
        arms[f"global_z{noise:g}_cohort500"] = (starts_of(prior), isotropic)
    figures: dict[str, Figure] = {"devices": len(vectors), "people": len(people)}
    for name, (starts, covariance) in arms.items():
        for seen in SEEN:
            figures[f"{name}_n{seen}"] = accuracy(people, starts, covariance, seen)
        figures[f"{name}_starts"] = len(starts)
    report(figures, as_json=options.json)


if __name__ == "__main__":
    main()
