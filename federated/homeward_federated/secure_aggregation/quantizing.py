"""
Converts real vectors to bounded integers, and a sum of them back.

Knows clipping, rounding and the one bound that the noise is sized by. Knows no slots, no noise.

Source: Kairouz, Liu and Steinke 2021, arXiv:2102.06387, Algorithm 1 and Proposition 22
(conditional randomized rounding, without the rotation: the modulus is far from wrapping here).
"""

import math
import os
from fractions import Fraction

import numpy as np
from numpy.typing import NDArray

from homeward_federated.secure_aggregation.quorums import honest_survivors
from homeward_federated.wire.messages import Terms

MODULUS = 1 << 32


def clip(vector: NDArray[np.float64], largest_norm: float) -> NDArray[np.float64]:
    """
    Scale `vector` down to L2 norm `largest_norm`; leave shorter ones alone.

    Shapes:
        vector: (n,) float64. Returns (n,) float64.

    Raises:
        ValueError: `vector` is not finite, or `largest_norm` is not positive.
    """
    if not largest_norm > 0:
        raise ValueError(f"norm bound {largest_norm} is not positive")
    # Summing squares of huge finite numbers overflows; scaling by the largest first does not.
    peak = float(np.max(np.abs(vector), initial=0.0))
    if not math.isfinite(peak):
        raise ValueError("the vector is not finite")
    norm = peak * float(np.linalg.norm(vector / peak)) if peak > 0 else 0.0
    return vector * (largest_norm / norm) if norm > largest_norm else vector


def sensitivity_squared(*, clip_quanta: float, size: int) -> int:
    """
    Return the largest squared L2 norm that a rounded vector of `size` integers may have.

    Guarantees:
        `quantize` never exceeds it. One rounding stays below it with probability > 0.39.
    """
    # beta = exp(-1/2) in the paper's bound, which makes sqrt(2 ln 1/beta) = 1.
    root = clip_quanta + math.sqrt(size)
    bound = clip_quanta**2 + size / 4 + clip_quanta + math.sqrt(size) / 2
    return math.floor(min(bound, root**2)) + 1


def quantize(
    vector: NDArray[np.float64], *, largest_norm: float, scale: int, tries: int = 64
) -> NDArray[np.int64]:
    """
    Clip, scale and randomly round `vector`; unbiased but for the condition on its norm.

    Shapes:
        vector: (n,) float64. Returns (n,) int64.

    Guarantees:
        The squared norm of the result is at most `sensitivity_squared`, in exact arithmetic.

    Raises:
        ValueError: `vector` is not finite.
    """
    scaled = clip(vector, largest_norm) * scale
    floor = np.floor(scaled)
    bound = sensitivity_squared(clip_quanta=largest_norm * scale, size=len(vector))
    for _ in range(tries):
        rounded = (floor + (_uniform(len(vector)) < scaled - floor)).astype(np.int64)
        if int(rounded @ rounded) <= bound:
            return rounded
    # Towards zero never lengthens. Reached with probability below 1e-13.
    return np.trunc(scaled).astype(np.int64)


def _uniform(size: int) -> NDArray[np.float64]:
    words = np.frombuffer(os.urandom(8 * size), np.uint64)
    return (words >> np.uint64(11)).astype(np.float64) * 2.0**-53


def noise_variance(terms: Terms, *, size: int) -> int:
    """
    Return the variance, in squared quanta, of the noise that each device adds.

    Guarantees:
        The noises of the honest survivors alone add up to at least (noise_multiplier x
        sensitivity)², while no more than `max_colluders` of a cohort leave theirs out.
    """
    bound = sensitivity_squared(clip_quanta=terms.clip * terms.scale, size=size)
    return math.ceil(Fraction(terms.noise_multiplier) ** 2 * bound / honest_survivors(terms))


def wraps(terms: Terms, *, size: int) -> bool:
    """Tell whether the noisy sum of a full cohort could exceed 31 bits (12 sigma)."""
    bound = math.sqrt(sensitivity_squared(clip_quanta=terms.clip * terms.scale, size=size))
    sigma = math.sqrt(noise_variance(terms, size=size) * terms.max_cohort)
    return terms.max_cohort * bound + 12 * sigma >= MODULUS / 2


def to_words(integers: NDArray[np.int64]) -> NDArray[np.uint32]:
    """
    Return the integers modulo 2^32.

    Shapes:
        integers: (n,) int64. Returns (n,) uint32.
    """
    return (integers % MODULUS).astype(np.uint32)


def from_words(words: NDArray[np.uint32]) -> NDArray[np.int64]:
    """
    Return the signed integers that `words` stand for.

    Shapes:
        words: (n,) uint32. Returns (n,) int64, from -2^31 to 2^31 - 1.
    """
    return words.astype(np.uint32).view(np.int32).astype(np.int64)
