"""
Decides whether a device accepts a published prior: older versions and other histories are refused.

A device only moves forward, so nobody who serves the file can hold it on an old prior.
"""

from collections.abc import Sequence
from itertools import pairwise

from homeward_federated.errors import PriorRefused
from homeward_federated.priors.published_prior import PublishedPrior


def accept(new: PublishedPrior, *, held: PublishedPrior | None) -> PublishedPrior:
    """
    Return `new` if it may replace the prior that this device holds.

    Raises:
        PriorRefused: it is of another task or shape, older, or not the successor that it claims.
    """
    if held is None:
        return new
    if (new.task, new.groups.shape) != (held.task, held.groups.shape):
        raise PriorRefused("a prior of another task or shape")
    if new.version < held.version:
        raise PriorRefused(f"version {new.version} is older than {held.version}")
    if new.version == held.version and new.hash != held.hash:
        raise PriorRefused(f"two different priors are published as version {new.version}")
    if new.version == held.version + 1 and new.previous != held.hash:
        raise PriorRefused(f"version {new.version} does not follow the version {held.version} held")
    return new


def check_history(priors: Sequence[PublishedPrior]) -> None:
    """
    Accept a whole published history silently: for auditors and witnesses.

    Raises:
        PriorRefused: a version is missing, or does not name the one before it.
    """
    for older, newer in pairwise(priors):
        if newer.version != older.version + 1:
            raise PriorRefused(f"version {newer.version} follows {older.version}")
        accept(newer, held=older)
