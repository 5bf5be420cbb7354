"""
Canary check: opted-in devices privately report whether a new prior predicts their choices worse.

Each such device tries the new prior and the old one on choices it keeps back, and contributes the
one number (new minus old) through an ordinary round without groups. Knows that number's sum only.
"""

import math
from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray

from homeward_federated.priors.published_prior import PublishedPrior, nearest_group
from homeward_federated.priors.publishing import roll_back
from homeward_federated.priors.round_policy import Policy


@dataclass(frozen=True, slots=True)
class CanaryVerdict:
    """The canaries' result: the mean gain per device, and its standard error."""

    gain: float
    error: float
    keep: bool


def policy_of(policy: Policy) -> Policy:
    """Return the policy of the task that asks the canaries of `policy`'s task: one number."""
    return replace(
        policy,
        task=f"{policy.task}-canary",
        code=code_of(policy.code),
        dims=1,
        groups=0,
    )


def code_of(code: str) -> str:
    """Return the code of canary rounds about the numbers that `code` names."""
    return f"{code}-canary"


def question(task: str, *, about: PublishedPrior) -> PublishedPrior:
    """Return the prior that a canary round carries: no numbers, only which version is tried."""
    blank = PublishedPrior.blank(task, dims=1, groups=0)
    return replace(blank, version=about.version, previous=about.hash)


def gain(
    vector: NDArray[np.float64],
    pairs: NDArray[np.float64],
    *,
    old: PublishedPrior,
    new: PublishedPrior,
) -> NDArray[np.float64]:
    """
    Return what one device contributes: pair accuracy under `new` less that under `old`.

    Shapes:
        vector: (dims,), which chooses the group. pairs: (n, dims), features of the chosen reply
        less those of the rejected one. Returns (1,) in [-1, 1].
    """
    if not len(pairs):
        return np.zeros(1)
    scores = [
        float(np.mean(pairs @ prior.of_group(nearest_group(vector, prior)) > 0))
        for prior in (old, new)
    ]
    return np.array([scores[1] - scores[0]])


def judge(
    total: float, *, survivors: int, deviation: float, tolerance: float = 0.01
) -> CanaryVerdict:
    """
    Decide from the noisy sum of gains whether the new prior stays.

    It goes when it is worse by more than `tolerance` and by more than two standard errors of the
    noise: a round must not be lost to noise alone, and not kept because of it when it is bad.
    """
    mean, error = total / survivors, deviation / survivors
    return CanaryVerdict(mean, error, keep=mean >= -max(tolerance, 2 * error))


def settle(verdict: CanaryVerdict, *, old: PublishedPrior, new: PublishedPrior) -> PublishedPrior:
    """Return the version to publish next if the verdict is bad, or `new` itself."""
    return new if verdict.keep else roll_back(new, to=old)


def smallest_cohort(*, tolerance: float, noise_multiplier: float, clip: float = 1.0) -> int:
    """Return how many canaries are needed before noise is smaller than half the tolerance."""
    # The sum's deviation is at least z·clip however many take part; its mean's falls with 1/n.
    return math.ceil(2 * noise_multiplier * clip / tolerance)
