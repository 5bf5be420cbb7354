"""Taste on jokes that real people rated: learning curves, and chosen against random questions."""

import json
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np

from benchmarks.population_prior import Likeness, extend, fit_ratings
from homeward.ports import Embedder
from homeward.taste import (
    Comparisons,
    Posterior,
    WeightPrior,
    fit,
    measure,
    most_informative,
    neutral,
)
from homeward.taste.weight_prior import Floats

COUNTS = (0, 1, 2, 4, 8, 16, 32)
_TARGETS = 200  # pairs of rated jokes that an answer should help to decide
_LEAST, _OVERRULING = 4, 0.51
"""How many choices there must be, and how likely the opposite, before they overrule the order that
the prior gives two jokes of which one was never rated: what a text lets expect is too weak for
close calls. With these, 500 people of the population were surest to be above the prior at every n
(docs/log.md)."""

Person = dict[str, Any]
Pair = Sequence[int]  # first joke, second joke, 1 where the first is preferred


@dataclass(frozen=True, slots=True, eq=False)
class Jester:
    """The prior that the population gives, and pairs as comparisons under it."""

    prior: WeightPrior
    rated: list[int]

    def difference(self, pairs: Sequence[Pair]) -> Floats:
        """One-hot difference of each pair: (n, jokes)."""
        rows = np.zeros((len(pairs), len(self.prior.names)))
        for row, (first, second, *_) in zip(rows, pairs, strict=True):
            row[first], row[second] = 1, -1
        return rows

    def learn(self, pairs: Sequence[Pair]) -> Posterior:
        """Fit one person."""
        signs = np.array([1 if preferred else -1 for _, _, preferred in pairs])
        differences = self.difference(pairs) * signs.reshape(-1, 1)
        ids = tuple(range(len(pairs)))
        return fit(Comparisons(ids, differences, np.ones(len(pairs))), self.prior)

    def probability(self, learned: Posterior, pairs: Sequence[Pair]) -> Floats:
        """
        How likely this person prefers the first joke of each pair: (n,).

        Where a joke was never rated, the prior's order stands until enough choices speak clearly
        against it; below that they make the prediction less sure, not another.
        """
        differences = self.difference(pairs)
        told = learned.probability(differences)
        known = set(self.rated)
        guessed = np.array([not known.issuperset(pair[:2]) for pair in pairs])
        against = (told - 0.5) * (differences @ self.prior.mean) < 0
        few = len(learned.pulls) < _LEAST
        close = few | (np.abs(told - 0.5) < _OVERRULING - 0.5)
        return np.asarray(np.where(guessed & against & close, 1 - told, told))

    def chosen(self, support: Sequence[Pair], *, n: int) -> list[Pair]:
        """Ask for `n` of the support pairs, each after learning from the answers before it."""
        rng = np.random.default_rng(0)
        drawn = [rng.choice(self.rated, 2, replace=False).tolist() for _ in range(_TARGETS)]
        about, left, asked = self.difference(drawn), list(support), list[Pair]()
        for _ in range(n):
            open_pairs = self.difference(left)  # all differ clearly, so "neither" is no answer
            best = most_informative(self.learn(asked), open_pairs, about=about, neither=False)
            asked.append(left.pop(best))
        return asked


def load(folder: Path, embedder: Embedder) -> Jester:
    """Read jokes and population, and learn the prior."""
    items = _rows(folder / "pairpref_jester_items.jsonl")
    people = _rows(folder / "pairpref_jester_population.jsonl")
    rated = [item["id"] for item in items if not item["cold"]]
    ratings = np.array([[person["r"].get(str(one), np.nan) for one in rated] for person in people])
    texts = [item["text"] for item in items]
    style = np.array([measure("", text) for text in texts])
    vectors = embedder.embed([neutral(text) for text in texts]).astype(np.float64)
    prior = extend(*fit_ratings(ratings.astype(np.float64)), rated, Likeness.of(style, vectors))
    return Jester(prior, rated)


def _rows(file: Path) -> list[dict[str, Any]]:
    return [json.loads(line) for line in file.read_text(encoding="utf-8").splitlines()]


@dataclass(frozen=True, slots=True)
class Gain:
    """Per person: accuracy and Brier score with chosen questions minus those with random ones."""

    accuracy: list[float]
    brier: list[float]


def active_gain(jester: Jester, people: Sequence[Person], *, n: int) -> Gain:
    """Compare chosen with given-order questions from the same support pairs, on rated jokes."""
    gain = Gain([], [])
    for person in people:
        tests = person["test_warm"]
        right = np.array([one[2] for one in tests])
        asked = (jester.chosen(person["support"], n=n), person["support"][:n])
        chosen, random = (jester.probability(jester.learn(one), tests) for one in asked)
        hit = [((p > 0.5) == right).mean() for p in (chosen, random)]
        brier = [((p - right) ** 2).mean() for p in (chosen, random)]
        gain.accuracy.append(float(hit[0] - hit[1]))
        gain.brier.append(float(brier[0] - brier[1]))
    return gain


def scored(
    jester: Jester,
) -> Callable[[Sequence[Pair], Person], Callable[[int, int], float]]:
    """Return the scorer's `fit`: pairs in, a probability that the first joke is preferred out."""

    def learn(support: Sequence[Pair], _person: Person) -> Callable[[int, int], float]:
        learned = jester.learn(support)

        def probability(first: int, second: int) -> float:
            return float(jester.probability(learned, [(first, second)])[0])

        return probability

    return learn


def predictions(
    jester: Jester, people: Sequence[Person], *, n: int, test: str
) -> tuple[Floats, Floats]:
    """Return every predicted probability after `n` choices, and what was really preferred."""
    predicted = [
        jester.probability(jester.learn(person["support"][:n]), person[test]) for person in people
    ]
    right = [one[2] for person in people for one in person[test]]
    return np.concatenate(predicted), np.array(right, dtype=np.float64)
