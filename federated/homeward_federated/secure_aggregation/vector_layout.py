"""
The layout says where one device's numbers lie in the summed vector.

    [ everyone's slot: dims ][ group 0: dims ] ... [ group G-1: dims ][ counts: G ]

A device writes its difference from the prior into everyone's slot and into its own group's, a mark
into its group's count, and zeros elsewhere. Which group is hidden by the masks from all but the
sum, and in the sum by the noise alone.
"""

import math
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from homeward_federated.secure_aggregation.quantizing import clip

# Of the clip norm: large enough that a group of z·3 devices stands out of its noise, and it costs
# the rest of the vector 5 % of its length: sqrt(1 - 0.3²) = 0.95.
COUNT_SHARE = 0.3


@dataclass(frozen=True, slots=True)
class VectorLayout:
    """How many numbers and groups a task has. With no groups there are no counts either."""

    dims: int
    groups: int

    @property
    def size(self) -> int:
        """The number of coordinates of the summed vector."""
        return (self.groups + 1) * self.dims + self.groups


@dataclass(frozen=True, slots=True)
class Sums:
    """Holds an opened sum, split into its parts, in units (not quanta)."""

    everyone: NDArray[np.float64]  # (dims,)
    groups: NDArray[np.float64]  # (groups, dims)
    counts: NDArray[np.float64]  # (groups,), noisy numbers of devices


def longest_difference(layout: VectorLayout, *, largest_norm: float) -> float:
    """Return the L2 norm to which a device's difference is clipped before it is placed."""
    if not layout.groups:
        return largest_norm
    # The difference is written twice, beside one mark: 2·d² + mark² = norm².
    return largest_norm * math.sqrt((1 - COUNT_SHARE**2) / 2)


def place(
    difference: NDArray[np.float64], *, group: int | None, layout: VectorLayout, largest_norm: float
) -> NDArray[np.float64]:
    """
    Return the vector that a device adds to the sum; without a group, only everyone's slot.

    Shapes:
        difference: (dims,) float64. Returns (layout.size,) float64.

    Guarantees:
        Its L2 norm is at most `largest_norm` (1 + 1e-12), whatever the group.

    Raises:
        ValueError: the difference has another length, or is not finite, or there is no such group.
    """
    if difference.shape != (layout.dims,):
        raise ValueError(f"a difference of shape {difference.shape}, not ({layout.dims},)")
    if group is not None and not 0 <= group < layout.groups:
        raise ValueError(f"group {group} of {layout.groups}")
    placed = np.zeros(layout.size)
    short = clip(difference, longest_difference(layout, largest_norm=largest_norm))
    placed[: layout.dims] = short
    if group is not None:
        start = (group + 1) * layout.dims
        placed[start : start + layout.dims] = short
        placed[(layout.groups + 1) * layout.dims + group] = COUNT_SHARE * largest_norm
    return placed


def take_apart(total: NDArray[np.float64], *, layout: VectorLayout, largest_norm: float) -> Sums:
    """
    Return the parts of a sum in units, with counts in devices.

    Shapes:
        total: (layout.size,) float64, in units. Returns (dims,), (groups, dims) and (groups,).
    """
    vectors = total[: (layout.groups + 1) * layout.dims].reshape(layout.groups + 1, layout.dims)
    counts = total[(layout.groups + 1) * layout.dims :] / (COUNT_SHARE * largest_norm)
    return Sums(everyone=vectors[0], groups=vectors[1:], counts=counts)
