"""
The 64 numbers that a person and a federation exchange: where each lies, and what it means.

Pure: values in, values out. A task whose `code` is not in `MEANINGS` is about other numbers and is
refused.
"""

from collections.abc import Mapping, Sequence

import numpy as np

from homeward.taste import Group, style
from homeward.taste.prior import Floats
from homeward.taste.prior import Prior as Belief
from homeward_federated.canary import code_of
from homeward_federated.prior import Prior as Published

# How a person likes to be answered. Code and figures are left out: they say more of what somebody
# works on.
TASTE = tuple(name for name in style.NAMES if name not in {"code", "numbers"})
_LARGEST = 3.0  # log odds; a prior says no more of a person than they can say themselves
SOFT = 48  # coordinates of the soft prompt in the shared basis
DIMS = len(TASTE) + SOFT
CODE = f"taste{len(TASTE)}-soft{SOFT}-1"
NAMES = (*TASTE, *(f"soft prompt {at + 1}" for at in range(SOFT)))
# A canary is asked for one number: how many more of its choices the newest prior predicts.
CANARY = code_of(CODE)
MEANINGS = {CODE: NAMES, CANARY: ("gain of the newest prior",)}


def soft_coordinates() -> Floats:
    """
    Return the person's soft prompt in the shared basis.

    Zeros, until learning also starts from what comes back: nothing is summed that nobody uses.

    Shapes:
        (SOFT,).
    """
    return np.zeros(SOFT)


def vector(weights: Mapping[str, float]) -> Floats:
    """
    Return what a person has in common with others: log odds a spread, then the soft prompt.

    Shapes:
        (DIMS,).
    """
    return np.concatenate([[weights[name] for name in TASTE], soft_coordinates()])


def pairs(names: Sequence[str], differences: Floats) -> Floats:
    """
    Return comparisons in the numbers that are exchanged.

    Shapes:
        differences: (n, len(names)). Returns (n, DIMS), zeros where taste has no number.
    """
    columns = [names.index(name) for name in TASTE]
    return np.hstack([differences[:, columns], np.zeros((len(differences), SOFT))])


def groups(published: Published, stranger: Belief) -> list[Group]:
    """Return each live group's belief about a new person; everyone's where no group lives."""
    live: list[int | None] = [int(group) for group in np.flatnonzero(published.live)]
    return [
        Group("everyone" if group is None else f"group {group + 1}", _belief(start, stranger))
        for group in live or [None]
        for start in [published.of_group(group)]
    ]


def _belief(start: Floats, stranger: Belief) -> Belief:
    mean = stranger.mean.copy()
    for at, name in enumerate(TASTE):
        mean[stranger.names.index(name)] = np.clip(start[at], -_LARGEST, _LARGEST)
    # How far people lie from their group was not asked for: as far as from nothing, to be safe.
    return Belief(stranger.names, mean, stranger.covariance, stranger.margin)
