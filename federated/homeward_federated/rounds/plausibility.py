"""
Checks whether an opened sum can have come from honest devices.

Masks hide a device that lies about clipping; the sum shows it when the lie is large. A lie inside
the bound cannot be seen: what limits it is the bound itself (docs/federation/trust.md).
"""

import math

import numpy as np
from numpy.typing import NDArray

from homeward_federated.errors import RoundSpoiled
from homeward_federated.secure_aggregation.quantizing import noise_variance, sensitivity_squared
from homeward_federated.wire.messages import Terms

# Six standard deviations of the noise's length: an honest round is refused once in 10^9.
_TAIL = 6.0


def longest_honest_sum(terms: Terms, *, survivors: int, size: int) -> float:
    """Return the L2 norm, in quanta, that honest devices' noised vectors stay below."""
    bound = math.sqrt(sensitivity_squared(clip_quanta=terms.clip * terms.scale, size=size))
    sigma = math.sqrt(noise_variance(terms, size=size) * survivors)
    return survivors * bound + sigma * (math.sqrt(size) + _TAIL)


def check_plausible(quanta: NDArray[np.int64], terms: Terms, *, survivors: int) -> None:
    """
    Accept an opened sum silently.

    Shapes:
        quanta: (n,) int64, the opened sum.

    Raises:
        RoundSpoiled: it is longer than honest devices could make it. Who did it stays hidden.
    """
    limit = longest_honest_sum(terms, survivors=survivors, size=len(quanta))
    norm = float(np.linalg.norm(quanta.astype(np.float64)))
    if norm > limit:
        raise RoundSpoiled(
            f"the sum's norm is {norm:.0f} quanta, honest devices stay under {limit:.0f}"
        )
