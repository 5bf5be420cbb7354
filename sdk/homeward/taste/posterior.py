"""
Fits Bayesian Bradley-Terry with ties: reward weights from pair-wise comparisons.

Pure: comparisons as rows of numbers in, a Gaussian out. Knows no text, no person and no store.

The reward of a reply is w·x. Rao and Kupper (1967) let a person also find no difference:

    P(a over b) = sigmoid(w·(x_a - x_b) - margin)

A tie is one win each way, up to a constant, so it needs no likelihood of its own. The posterior is
a Laplace approximation at the mode; the log likelihood is concave, so there is one mode, and it
does not depend on the order of the choices.
"""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from homeward.errors import InvalidArgument
from homeward.ports import Vector
from homeward.taste.weight_prior import Floats, WeightPrior

_CONVERGED = 1e-11  # largest step, in prior standard deviations; forgetting promises 1e-6
_MAX_STEPS = 200
_FRESH_CURVATURE = 0.2  # a step shrank by less than this factor: the Hessian is out of date
_HELD_BACK = 0.3  # of the comparisons, the newest


@dataclass(frozen=True, slots=True, eq=False)
class Comparisons:
    """
    What was chosen over what, as numbers.

    Shapes:
        differences: (n, d), features of the chosen reply minus those of the rejected one.
        strengths: (n,), ≥ 0; how much one comparison counts, 1 for a plain choice.
    """

    ids: tuple[int, ...]
    differences: Floats
    strengths: Floats

    def __len__(self) -> int:
        return len(self.ids)

    def and_also(self, others: "Comparisons") -> "Comparisons":
        """Return these and the others, in this order."""
        return Comparisons(
            self.ids + others.ids,
            np.concatenate([self.differences, others.differences]),
            np.concatenate([self.strengths, others.strengths]),
        )

    def without(self, forgotten: Sequence[int]) -> "Comparisons":
        """Return the comparisons of all other ids."""
        gone = set(forgotten)
        keep = np.array([one not in gone for one in self.ids], dtype=bool)
        ids = tuple(one for one in self.ids if one not in gone)
        return Comparisons(ids, self.differences[keep], self.strengths[keep])


def no_comparisons(dims: int) -> Comparisons:
    """Return what a new person has chosen: nothing."""
    return Comparisons((), np.zeros((0, dims)), np.zeros(0))


@dataclass(frozen=True, slots=True, eq=False)
class Posterior:
    """
    What is believed of the weights after the choices: a Gaussian around the mode.

    Shapes:
        mean: (d,). covariance: (d, d). pulls: (n,), how hard each comparison pulls at the mode.
    """

    prior: WeightPrior
    mean: Floats
    covariance: Floats
    pulls: Floats
    log_evidence: float  # Laplace's, natural logarithm; compares priors on the same comparisons

    def score(self, features: Floats) -> Floats:
        """Expected reward: (m, d) → (m,)."""
        return features @ self.mean

    def probability(self, differences: Floats) -> Floats:
        """
        How likely the person, if they prefer either, prefers the first: (m, d) → (m,).

        Guarantees:
            Integrated over the posterior, so it nears 1/2 where little is known of what differs.
            P(x) + P(-x) = 1 up to rounding.

        Source:
            MacKay 1992, the probit-matched approximation of a logistic's Gaussian average.
        """
        middle = differences @ self.mean
        spread = np.einsum("md,de,me->m", differences, self.covariance, differences)
        shrink = 1 / np.sqrt(1 + np.pi / 8 * spread)
        first = sigmoid(shrink * (middle - self.prior.margin))
        second = sigmoid(shrink * (-middle - self.prior.margin))
        return np.asarray(first / (first + second))


def fit(data: Comparisons, prior: WeightPrior, *, start: Posterior | None = None) -> Posterior:
    """
    Learn the weights from all of `data`; the same with and without `start`, only slower without.

    Guarantees:
        The mode to 1e-9 and the curvature at it, whatever the order of `data` and whatever
        `start` was: learning one choice more, or fitting without one, equals a fresh fit.

    Raises:
        InvalidArgument: the comparisons have another number of features than the prior has weights.

    Source:
        Rao and Kupper 1967, "Ties in paired-comparison experiments"; Laplace's approximation as in
        Bishop 2006, section 4.5, with the prior that came from other people.
    """
    d = len(prior.names)
    if data.differences.shape != (len(data), d):
        raise InvalidArgument(
            f"{data.differences.shape} differences for {len(data)} comparisons of {d}"
        )
    free = prior.free
    problem = _Problem.of(data, prior, free)
    mode = problem.climb(None if start is None else start.mean[free] - prior.mean[free])
    pulls, curvature = problem.pulls(mode), problem.curvature(mode)
    mean, covariance = prior.mean.copy(), np.zeros((d, d))
    mean[free] += mode
    inverse = np.linalg.inv(curvature)
    covariance[np.ix_(free, free)] = (inverse + inverse.T) / 2
    return Posterior(prior, mean, covariance, pulls, problem.log_evidence(mode, curvature))


@dataclass(frozen=True, slots=True, eq=False)
class _Problem:
    """The negative log posterior of the free weights, as steps `z` away from the prior's mean."""

    x: Floats  # (n, f)
    offset: Floats  # (n,), what the prior's mean says of each comparison, less the margin
    strengths: Floats
    precision: Floats  # (f, f), the prior's

    @classmethod
    def of(cls, data: Comparisons, prior: WeightPrior, free: NDArray[np.bool_]) -> "_Problem":
        x = data.differences if free.all() else data.differences[:, free]
        offset = data.differences @ prior.mean - prior.margin
        precision = np.linalg.inv(prior.covariance[np.ix_(free, free)])
        return cls(x, offset, data.strengths, (precision + precision.T) / 2)

    def pulls(self, z: Floats) -> Floats:
        return np.asarray(self.strengths * sigmoid(-(self.x @ z + self.offset)))

    def gradient(self, z: Floats) -> Floats:
        return np.asarray(self.precision @ z - self.x.T @ self.pulls(z))

    def curvature(self, z: Floats) -> Floats:
        p = sigmoid(self.x @ z + self.offset)
        root = np.sqrt(self.strengths * p * (1 - p))[:, None] * self.x
        return np.asarray(self.precision + root.T @ root)

    def loss(self, z: Floats) -> float:
        f = self.x @ z + self.offset
        return float(self.strengths @ np.logaddexp(0, -f) + z @ self.precision @ z / 2)

    def climb(self, start: Floats | None) -> Floats:
        """
        Newton's method that keeps a curvature for as long as it brings the mode closer.

        From the mode of one choice less, the old curvature is right to 1/n: a few products of
        10,000 rows with a vector replace a second Hessian.
        """
        z = np.zeros(len(self.precision)) if start is None else start
        scale = np.sqrt(np.diag(self.precision))
        inverse, before = np.linalg.inv(self.curvature(z)), np.inf
        for _ in range(_MAX_STEPS):
            step = -inverse @ self.gradient(z)
            length = float(np.max(np.abs(step) * scale, initial=0.0))
            if length > _FRESH_CURVATURE * before:
                inverse = np.linalg.inv(self.curvature(z))
                step = -inverse @ self.gradient(z)
                length = float(np.max(np.abs(step) * scale, initial=0.0))
            if length < _CONVERGED:
                return z + step
            z, before = self._descend(z, step), length
        return z

    def _descend(self, z: Floats, step: Floats) -> Floats:
        """Halve a step until it does not climb: Newton overshoots far from the mode."""
        if float(np.abs(self.x @ step).max(initial=0.0)) < 1:
            return z + step  # within one unit of log odds the quadratic model is safe
        loss, size = self.loss(z), 1.0
        while size > 1e-4 and self.loss(z + size * step) > loss:
            size /= 2
        return z + size * step

    def log_evidence(self, z: Floats, curvature: Floats) -> float:
        occam = np.linalg.slogdet(self.precision)[1] - np.linalg.slogdet(curvature)[1]
        return float(occam / 2 - self.loss(z))


def sigmoid(x: Floats) -> Floats:
    """
    Return 1 / (1 + exp(-x)) without overflow.

    Shapes:
        Any; returns the same.
    """
    return np.asarray(np.exp(-np.logaddexp(0, -x)))


def held_back_losses(
    data: Comparisons, prior: WeightPrior, *, share: float = _HELD_BACK
) -> tuple[Vector, Vector]:
    """
    Losses on the newest choices: by the prior that everybody starts from, and with taste.

    Taste is fitted on the older choices only. Comparisons in `data` are oldest first.

    Shapes:
        Returns (items,) and (items,) in nats, of the same choices.
    """
    held = data.ids[len(data) - int(len(data) * share) :]
    older = data.without(held)
    tests = data.differences[[one in set(held) for one in data.ids]]
    off = fit(older.without(older.ids), prior).probability(tests)
    on = fit(older, prior).probability(tests)
    return -np.log(off).astype(np.float32), -np.log(on).astype(np.float32)
