"""
Draws exact discrete Gaussian noise, using integers only.

Floating point would only approximate the mechanism that the accounting assumes, and its gaps have
been used to recover inputs (Mironov 2012). Not constant-time: how long one draw takes depends on
its value, which the round's message schedule hides from the network, not from a local process.

Source: Canonne, Kamath and Steinke 2020, arXiv:2004.00010, Algorithms 1 to 3.
"""

import math

import numpy as np
from numpy.typing import NDArray

from homeward_federated.privacy.randomness import BitSource


def discrete_gaussian(variance: int, size: int) -> NDArray[np.int64]:
    """
    Draw `size` independent integers with P(x) proportional to exp(-x² / 2·`variance`).

    Shapes:
        Returns (size,) int64.

    Guarantees:
        The distribution is exact, given uniform random bits; those come from the system.

    Raises:
        ValueError: `variance` is not positive, or `size` is negative.
    """
    if variance <= 0 or size < 0:
        raise ValueError(f"variance {variance} must be positive and size {size} not negative")
    source = BitSource()
    # The rejection step accepts most when the Laplace scale is next to the standard deviation.
    scale = math.isqrt(variance) + 1
    return np.fromiter((_gaussian(source, variance, scale) for _ in range(size)), np.int64, size)


def _gaussian(source: BitSource, variance: int, scale: int) -> int:
    while True:
        drawn = _laplace(source, scale)
        gap = abs(drawn) * scale - variance
        if _bernoulli_exp(source, gap * gap, 2 * variance * scale * scale):
            return drawn


def _laplace(source: BitSource, scale: int) -> int:
    """P(x) proportional to exp(-|x| / scale)."""
    while True:
        remainder = source.below(scale)
        if not _bernoulli_exp_below_one(source, remainder, scale):
            continue
        quotient = 0
        while _bernoulli_exp_below_one(source, 1, 1):
            quotient += 1
        magnitude = remainder + scale * quotient
        negative = source.bits(1)
        if negative and magnitude == 0:
            continue  # zero would otherwise be drawn twice as often
        return -magnitude if negative else magnitude


def _bernoulli_exp(source: BitSource, numerator: int, denominator: int) -> bool:
    """Return True with probability exp(-numerator / denominator)."""
    while numerator > denominator:
        if not _bernoulli_exp_below_one(source, 1, 1):
            return False
        numerator -= denominator
    return _bernoulli_exp_below_one(source, numerator, denominator)


def _bernoulli_exp_below_one(source: BitSource, numerator: int, denominator: int) -> bool:
    """Return True with probability exp(-numerator / denominator), for a ratio in [0, 1]."""
    count = 1
    while source.below(denominator * count) < numerator:
        count += 1
    return bool(count & 1)
