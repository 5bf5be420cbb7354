"""
A prior for one person from many people's ratings, also for items that nobody has rated.

Pure numpy. A weight here is what one item is worth to the person, so the features are one-hot; what
items share is in the prior's covariance. Every constant was chosen by cross-validation over users
and over jokes of the population, never on the users that are scored (docs/log.md).
"""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from homeward.taste.weight_prior import Floats, WeightPrior

_LOG_ODDS_A_POINT = 0.6  # of a rating scale from -10 to 10
_MARGIN_POINTS = 5.0  # pairs differ by 4 points at least: they are clear preferences
_STEPS = 15  # of expectation maximization; 40 change no figure in the fourth digit
_SHRINK = 60.0  # users' worth of belief that items are unrelated

# Ridges, in units of one squared spread of a style feature, and of one unit of cosine.
_MEAN_RIDGE, _TASTE_RIDGE = 1.0, 4.0
_MEAN_VARIANCE = 4.0  # squared points by which the text mispredicts an item's mean
_OTHER_STYLE = 0.15  # how much any other style feature may say of a mean, next to length
_LENGTH_TASTE = 0.1  # how much length may say of one person, next to the text's meaning


def fit_ratings(ratings: Floats, *, shrink: float = _SHRINK) -> tuple[Floats, Floats]:
    """
    Fit one Gaussian to users' ratings of items, by expectation maximization over the gaps.

    Shapes:
        ratings: (users, items), NaN where a user has not rated. Returns (items,), (items, items).

    Guarantees:
        The covariance is positive definite: `shrink` users say that the items are unrelated.

    Source:
        Little and Rubin 2002, section 11.2.
    """
    known = ~np.isnan(ratings)
    mean = np.nanmean(ratings, axis=0)
    covariance = np.diag(np.nanvar(ratings, axis=0))
    for _ in range(_STEPS):
        filled, unsure = np.empty_like(ratings), np.zeros_like(covariance)
        for user, seen in enumerate(known):
            filled[user] = ratings[user]
            if not seen.all():
                _fill(filled[user], unsure, seen, mean, covariance)
        mean = filled.mean(axis=0)
        scatter = (filled - mean).T @ (filled - mean) + unsure
        own = np.diag(np.diag(scatter)) / len(ratings)
        covariance = (scatter + shrink * own) / (len(ratings) + shrink)
    return mean, covariance


def _fill(
    row: Floats, unsure: Floats, seen: NDArray[np.bool_], mean: Floats, covariance: Floats
) -> None:
    """Put the expectation of the missing ratings into `row`, their covariance into `unsure`."""
    gap = np.logical_not(seen)
    across = covariance[np.ix_(seen, gap)]
    gain = np.linalg.solve(covariance[np.ix_(seen, seen)], across)
    row[gap] = mean[gap] + (row[seen] - mean[seen]) @ gain
    unsure[np.ix_(gap, gap)] += covariance[np.ix_(gap, gap)] - gain.T @ across


@dataclass(frozen=True, slots=True, eq=False)
class Likeness:
    """
    How alike items are: for predicting their means, and for predicting one person's deviations.

    Shapes:
        means, tastes: (items, items), positive semi-definite.
    """

    means: Floats
    tastes: Floats

    @classmethod
    def of(cls, style: Floats, text: Floats) -> "Likeness":
        """
        Compare items by style features and by embeddings.

        Shapes:
            style: (items, f), length first. text: (items, dims), unit rows.
        """
        style = style - style.mean(axis=0)
        style = style[:, style.std(axis=0) > 0]
        length = np.outer(style[:, 0], style[:, 0])
        others = style @ style.T / style.shape[1]
        anything = 1000.0  # a constant that all items share, free to be anything
        return cls(
            anything + length + _OTHER_STYLE * others,
            anything + _LENGTH_TASTE * length + text @ text.T,
        )


def extend(mean: Floats, covariance: Floats, rated: Sequence[int], alike: Likeness) -> WeightPrior:
    """
    Spread what is known of the rated items to all items that `alike` compares.

    Guarantees:
        The rated items keep their mean and covariance; the others get the regression's, and the
        variance by which it mispredicted rated items left out one at a time.
    """
    n = len(alike.means)
    other = [item for item in range(n) if item not in set(rated)]
    level = mean.mean()
    to_mean, means_left = _regression(alike.means, rated, other, _MEAN_RIDGE)
    to_taste, tastes_left = _regression(alike.tastes, rated, other, _TASTE_RIDGE)
    missed = _left_out_variance(alike.tastes, rated, covariance)
    everything, all_covariance = np.empty(n), np.empty((n, n))
    everything[rated], everything[other] = mean, level + to_mean @ (mean - level)
    all_covariance[np.ix_(rated, rated)] = covariance
    all_covariance[np.ix_(other, rated)] = to_taste @ covariance
    all_covariance[np.ix_(rated, other)] = (to_taste @ covariance).T
    all_covariance[np.ix_(other, other)] = (
        to_taste @ covariance @ to_taste.T + missed * tastes_left + _MEAN_VARIANCE * means_left
    )
    points = _LOG_ODDS_A_POINT
    names = tuple(str(item) for item in range(n))
    margin = points * _MARGIN_POINTS
    return WeightPrior(names, points * everything, points**2 * all_covariance, margin)


def _regression(
    alike: Floats, known: Sequence[int], other: Sequence[int], ridge: float
) -> tuple[Floats, Floats]:
    """Kriging weights (other, known), and the covariance left over, scaled to mean variance 1."""
    solved = np.linalg.inv(alike[np.ix_(known, known)] + ridge * np.eye(len(known)))
    across = alike[np.ix_(other, known)]
    left = alike[np.ix_(other, other)] + ridge * np.eye(len(other)) - across @ solved @ across.T
    return across @ solved, left / max(float(np.trace(left)) / max(1, len(other)), 1e-12)


def _left_out_variance(alike: Floats, known: Sequence[int], covariance: Floats) -> float:
    """Mean squared error of predicting each known item from all the others, in closed form."""
    solved = np.linalg.inv(alike[np.ix_(known, known)] + _TASTE_RIDGE * np.eye(len(known)))
    return float(np.mean(np.diag(solved @ covariance @ solved) / np.diag(solved) ** 2))
