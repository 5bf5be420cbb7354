"""Twelve tastes in style, learned from choices between real replies of a local model."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass

import numpy as np

from benchmarks.report import Figure
from benchmarks.style_tastes import QUESTIONS, TASTES, Taste
from homeward.ports import Embedder
from homeward.taste import (
    Comparisons,
    Features,
    Posterior,
    fit,
    most_informative,
    no_comparisons,
    pick,
    shipped_basis,
)
from homeward.taste.weight_prior import Floats

COUNTS = (5, 10, 20)
_SLIPS = 0.1  # of the choices go against the taste: nobody is consistent
_PEOPLE = 4  # of each taste, who see other questions

Boot = Callable[[Sequence[float]], tuple[float, float, float]]


@dataclass(frozen=True, slots=True, eq=False)
class Answers:
    """
    All replies to one question, measured.

    Shapes:
        features: (replies, d). suits: (replies,), how well each suits one taste.
    """

    features: Floats
    suits: Floats

    def pairs(self) -> tuple[Floats, Floats]:
        """Better minus worse of every pair that the taste tells apart: features, and the taste."""
        better, worse = np.nonzero(self.suits[:, None] > self.suits[None, :])
        return (
            self.features[better] - self.features[worse],
            self.suits[better] - self.suits[worse],
        )


def figures(rows: Sequence[Sequence[str]], embedder: Embedder, boot: Boot) -> dict[str, Figure]:
    """
    Learn every taste for several people; test on questions that they have not seen.

    Pair accuracy counts all pairs that the taste tells apart. The style measure of re-ranked
    replies is the share of the way from the first draft to the best of all drafts.
    """
    features = Features(embedder, shipped_basis())
    measured = [
        features.of(question, replies) for question, replies in zip(QUESTIONS, rows, strict=True)
    ]
    found: dict[str, list[float]] = {}
    for name, taste in TASTES.items():
        for seed in range(_PEOPLE):
            for key, value in _person(rows, measured, taste, features, seed).items():
                found.setdefault(key, []).append(value)
                found.setdefault(f"{name} {key}", []).append(value)
    told: dict[str, Figure] = {}
    for key, values in found.items():
        mean, low, high = boot(values)
        told[f"styles {key}"] = mean
        if key[0] in "pab":  # the averages over all tastes get an interval
            told |= {f"styles {key} low": low, f"styles {key} high": high}
    return told


def _person(
    rows: Sequence[Sequence[str]],
    measured: Sequence[Floats],
    taste: Taste,
    features: Features,
    seed: int,
) -> dict[str, float]:
    rng = np.random.default_rng(seed)
    answers = []
    for one, replies in zip(measured, rows, strict=True):
        drafts = rng.permutation(len(replies))  # the first draft is in any manner
        suits = np.array([taste(replies[at]) for at in drafts])
        answers.append(Answers(one[drafts], suits))
    order = rng.permutation(len(answers))
    seen, unseen = order[: len(order) // 2], order[len(order) // 2 :]
    told = np.concatenate([answers[at].pairs()[0] for at in seen])
    told = told[rng.permutation(len(told))]
    slips = np.where(rng.random(len(told)) < _SLIPS, -1.0, 1.0)
    prior, found = features.stranger(), dict[str, float]()
    for how in ("random", "chosen"):
        learned, asked, left = (
            fit(no_comparisons(len(prior.names)), prior),
            [],
            list(range(len(told))),
        )
        for n in range(1, max(COUNTS) + 1):
            at = most_informative(learned, told[left[:60]]) if how == "chosen" else 0
            asked.append(left.pop(at))
            rows_asked = told[asked] * slips[asked, None]
            data = Comparisons(tuple(asked), rows_asked, np.ones(len(asked)))
            learned = fit(data, prior, start=learned)
            if n in COUNTS:
                found |= _tests(learned, [answers[one] for one in unseen], how, n)
    return found


def _tests(learned: Posterior, answers: Sequence[Answers], how: str, n: int) -> dict[str, float]:
    told = learned.probability(np.concatenate([one.pairs()[0] for one in answers]))
    accuracy = {f"pairs_{how}@{n}": float((told > 0.5).mean())}
    if how == "chosen":
        return accuracy
    return accuracy | {
        f"brier@{n}": float(((1 - told) ** 2).mean()),
        "best_of_n off": float(np.mean([_way(one, 0) for one in answers])),
        f"best_of_n@{n}": float(
            np.mean([_way(one, pick(learned, one.features).index) for one in answers])
        ),
    }


def _way(one: Answers, shown: int) -> float:
    """How far a draft is on the way from the average one (0) to the best (1)."""
    span = one.suits.max() - one.suits.mean()
    return float((one.suits[shown] - one.suits.mean()) / span) if span > 0 else 0.0
