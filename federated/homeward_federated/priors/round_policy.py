"""
The policy holds the terms that this device demands, whatever the server asks for.

The server cannot change any of it: a round with weaker terms is refused before a key is made.
"""

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np

from homeward_federated.errors import TermsRefused
from homeward_federated.priors.published_prior import PublishedPrior
from homeward_federated.secure_aggregation.quantizing import noise_variance, wraps
from homeward_federated.secure_aggregation.vector_layout import VectorLayout
from homeward_federated.wire.fields import Field, Real, Whole
from homeward_federated.wire.messages import Terms

# Below 8 quanta of standard deviation the accounting's guarantee has not been computed.
_SMALLEST_VARIANCE = 64

_SAME = ("task", "code", "dims", "groups", "clip", "scale", "min_cohort", "min_survivors")
_SHAPES: Mapping[str, Field] = {
    **{name: Terms.SHAPES[name] for name in (*_SAME, "max_colluders")},
    "min_noise_multiplier": Real(1e-4, 1e3),  # without noise there is no epsilon to show
    "longest_seconds": Whole(1, 1 << 20),
    "longest_offset": Real(0.0, 1e6),
}


@dataclass(frozen=True, slots=True)
class Policy:
    """The pinned values and floors of one task on this device."""

    task: str
    code: str
    dims: int
    groups: int
    clip: float = 1.0
    scale: int = 1 << 16
    # Below 200 the noise that protects each device drowns what is learned; 50 is a pilot.
    min_cohort: int = 200
    min_survivors: int = 140  # 0.7 of the cohort: two rounds of 20 % dropouts still pass
    # Of a cohort, working together with the server: their noise is not counted. The masks hold
    # below a third, so the noise is sized for no fewer.
    max_colluders: float = 1 / 3
    min_noise_multiplier: float = 4.0  # nine rounds within epsilon 4 at delta 1e-6
    longest_seconds: int = 3600
    # A server that moves one group far away could make a person it knows choose it alone.
    longest_offset: float = 4.0  # L2 norm of a group's offset, in units of the clip

    def check(self) -> None:
        """Raise `Malformed` if a value is outside of what terms can hold."""
        for field, shape in _SHAPES.items():
            shape.check(getattr(self, field), name=field)


def check_terms(policy: Policy, terms: Terms, *, now: int) -> None:
    """
    Accept the terms silently or refuse them.

    Raises:
        TermsRefused: naming the first term that this device does not accept.
    """
    for name in ("task", "code", "dims", "groups", "clip", "scale"):
        offered, pinned = getattr(terms, name), getattr(policy, name)
        if offered != pinned:
            raise TermsRefused(f"{name} {offered!r} is offered, {pinned!r} is pinned")
    for floor in ("min_cohort", "min_survivors", "max_colluders"):
        if getattr(terms, floor) < getattr(policy, floor):
            raise TermsRefused(f"{floor} {getattr(terms, floor)} < {getattr(policy, floor)}")
    if terms.noise_multiplier < policy.min_noise_multiplier:
        least = policy.min_noise_multiplier
        raise TermsRefused(f"noise multiplier {terms.noise_multiplier} < {least}")
    _check_window(policy, terms, now=now)
    _check_arithmetic(terms)


def check_prior(policy: Policy, prior: PublishedPrior) -> None:
    """
    Accept silently a prior that is of the policy's task and shape, and whose groups lie close.

    Raises:
        TermsRefused: it is not.
    """
    shape = (prior.task, *prior.groups.shape)
    if shape != (policy.task, policy.groups, policy.dims):
        raise TermsRefused("the prior is of another task or shape")
    farthest = max((float(np.linalg.norm(offset)) for offset in prior.groups), default=0.0)
    if farthest > policy.longest_offset * policy.clip:
        raise TermsRefused(f"a group lies {farthest:.1f} from everyone's prior")


def _check_window(policy: Policy, terms: Terms, *, now: int) -> None:
    if not terms.opens_at <= now < terms.closes_at:
        raise TermsRefused(f"the round is open from {terms.opens_at} to {terms.closes_at}")
    if terms.closes_at - terms.opens_at > policy.longest_seconds:
        raise TermsRefused(f"a round of {terms.closes_at - terms.opens_at} s")


def _check_arithmetic(terms: Terms) -> None:
    size = VectorLayout(terms.dims, terms.groups).size
    if not terms.min_survivors <= terms.min_cohort <= terms.max_cohort:
        raise TermsRefused("min_survivors, min_cohort and max_cohort are not in this order")
    if noise_variance(terms, size=size) < _SMALLEST_VARIANCE:
        raise TermsRefused("the scale is too coarse for the noise")
    if wraps(terms, size=size):
        raise TermsRefused("the sum of a full cohort could wrap")
