"""The weight prior says what is believed of a person's weights before they choose."""

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from homeward.errors import InvalidArgument

Floats = NDArray[np.float64]

NOTICEABLE = 1.0
"""Log odds by which one reply must be better before a person is likelier to pick it than to say
that neither is: the logarithm of Rao and Kupper's theta. On Jester, where only clear preferences
are asked for, margins of 0.6 to 0.9 prior standard deviations predict best (docs/log.md)."""


@dataclass(frozen=True, slots=True, eq=False)
class WeightPrior:
    """
    A Gaussian over reward weights, with the margin of a noticeable difference.

    Shapes:
        mean: (d,). covariance: (d, d), symmetric; a row of zeros pins its weight to the mean.
    """

    names: tuple[str, ...]
    mean: Floats
    covariance: Floats
    margin: float = NOTICEABLE  # log odds

    def __post_init__(self) -> None:
        d = len(self.names)
        if self.mean.shape != (d,) or self.covariance.shape != (d, d):
            raise InvalidArgument(
                f"{d} names need mean ({d},) and covariance ({d}, {d}), "
                f"got {self.mean.shape} and {self.covariance.shape}"
            )
        if self.margin < 0:
            raise InvalidArgument(f"margin must not be negative, got {self.margin}")

    @property
    def free(self) -> NDArray[np.bool_]:
        """Which weights choices can still move: (d,)."""
        return np.asarray(np.diag(self.covariance) > 0)

    def pinned(self, weights: Mapping[str, float]) -> "WeightPrior":
        """
        Take the person's word: these weights have these values, whatever choices say.

        Guarantees:
            The other weights follow as the Gaussian's conditional; pinning twice is pinning both.

        Raises:
            InvalidArgument: no weight has such a name.
        """
        unknown = set(weights) - set(self.names)
        if unknown:
            raise InvalidArgument(f"no weight is called {min(unknown)}")
        prior = self
        for name, value in weights.items():
            prior = prior._with_one_pinned(self.names.index(name), value)
        return prior

    def _with_one_pinned(self, at: int, value: float) -> "WeightPrior":
        mean, covariance = self.mean.copy(), self.covariance.copy()
        variance = covariance[at, at]
        if variance > 0:
            gain = covariance[:, at] / variance
            mean = mean + gain * (value - mean[at])
            covariance = covariance - np.outer(gain, covariance[at])
        mean[at] = value
        covariance[at, :] = covariance[:, at] = 0.0
        return WeightPrior(self.names, mean, covariance, self.margin)


def independent(deviations: Mapping[str, float], *, margin: float = NOTICEABLE) -> WeightPrior:
    """Return the prior of a stranger: every weight around zero with its own deviation."""
    spread = np.fromiter(deviations.values(), dtype=np.float64)
    return WeightPrior(tuple(deviations), np.zeros(len(spread)), np.diag(spread**2), margin)
