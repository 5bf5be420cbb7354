"""Explains a posterior in words, and names the choices behind each weight."""

from collections import defaultdict
from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np

from homeward.taste.posterior import Comparisons, Posterior
from homeward.taste.style import FEATURES
from homeward.taste.weight_prior import Floats

_Z95 = 1.959964  # half-width of a 95 % interval, in standard deviations
_WORDS: Mapping[str, tuple[str, str]] = {one.name: (one.more, one.less) for one in FEATURES}


@dataclass(frozen=True, slots=True)
class Learned:
    """
    One weight: how much the log odds rise with one spread more of the feature.

    `evidence` are (choice id, how much of the weight it accounts for), strongest first; with
    `started` they add up to `weight`.
    """

    name: str
    weight: float
    low: float  # 95 % interval
    high: float
    started: float  # what the prior said
    pinned: bool  # by the person
    evidence: tuple[tuple[int, float], ...]

    @property
    def clear(self) -> bool:
        """The interval excludes zero: it is known whether the person likes more of it or less."""
        return self.low > 0 or self.high < 0

    @property
    def says(self) -> str:
        """Words for the direction of the weight."""
        more, less = _WORDS.get(self.name, (f"more of {self.name}", f"less of {self.name}"))
        return more if self.weight >= 0 else less


def explain(posterior: Posterior, data: Comparisons) -> list[Learned]:
    """
    Every weight with the choices it was learned from, clear ones first, then by size.

    Guarantees:
        For each weight, `started` plus the parts of all choices is `weight`, to 1e-6: at the mode
        the pull of the prior balances the pulls of the choices.
    """
    parts = contributions(posterior, data)
    deviation = np.sqrt(np.diag(posterior.covariance).clip(0))
    free = posterior.prior.free
    learned = [
        Learned(
            name=name,
            weight=float(posterior.mean[at]),
            low=float(posterior.mean[at] - _Z95 * deviation[at]),
            high=float(posterior.mean[at] + _Z95 * deviation[at]),
            started=float(posterior.prior.mean[at]),
            pinned=not free[at],
            evidence=_by_choice(data.ids, parts[:, at]),
        )
        for at, name in enumerate(posterior.prior.names)
    ]
    return sorted(learned, key=lambda one: (not one.clear, -abs(one.weight)))


def contributions(posterior: Posterior, data: Comparisons) -> Floats:
    """How much each comparison moved each weight: (n, d); columns add up to mean - prior mean."""
    return np.asarray(posterior.pulls[:, None] * (data.differences @ posterior.prior.covariance))


def _by_choice(ids: tuple[int, ...], parts: Floats) -> tuple[tuple[int, float], ...]:
    totals: dict[int, float] = defaultdict(float)
    for one, part in zip(ids, parts, strict=True):
        totals[one] += float(part)
    return tuple(sorted(totals.items(), key=lambda pair: -abs(pair[1])))
