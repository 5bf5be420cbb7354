"""
Finds the published group whose prior explains a person's choices best.

Sees comparisons, and what the person themselves declared for this purpose. There is no other way
in: attributes, memories and conversations are not arguments here.
"""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from homeward.errors import InvalidArgument
from homeward.taste.posterior import Comparisons, Posterior, fit
from homeward.taste.weight_prior import WeightPrior

_DECLARED = 3.0  # a self-declared group starts three times as likely; some choices overturn it


@dataclass(frozen=True, slots=True, eq=False)
class Group:
    """
    People of like taste. `declared`: what a person may say of themselves to start here.

    `published`: which published numbers say so.
    """

    name: str
    prior: WeightPrior
    declared: frozenset[str] = frozenset()
    published: str = ""


@dataclass(frozen=True, slots=True, eq=False)
class Fit:
    """One group's posterior for this person, and how likely the group is theirs."""

    group: Group
    posterior: Posterior
    probability: float


def best_fit(
    groups: Sequence[Group], data: Comparisons, *, declared: frozenset[str] = frozenset()
) -> list[Fit]:
    """
    Rank groups by the evidence of the person's own choices, likeliest first.

    Without choices, the order is that of what was declared, then the order given.

    Raises:
        InvalidArgument: there is no group.
    """
    if not groups:
        raise InvalidArgument("there is no group to choose from; give at least one")
    posteriors = [fit(data, group.prior) for group in groups]
    logs = np.array([one.log_evidence for one in posteriors])
    logs += [np.log(_DECLARED) if group.declared & declared else 0.0 for group in groups]
    shares = np.exp(logs - logs.max())
    shares /= shares.sum()
    fits = [
        Fit(group, posterior, float(share))
        for group, posterior, share in zip(groups, posteriors, shares, strict=True)
    ]
    return sorted(fits, key=lambda one: -one.probability)


def blend(groups: Sequence[Group], data: Comparisons) -> WeightPrior:
    """
    Return one prior of several groups', each weighted by how well it explains the choices.

    On Jester the likeliest group alone was worse than everyone's prior from 1 to 8 choices, the
    weighted mean better (docs/log.md). The spread is the likeliest group's.

    Raises:
        InvalidArgument: there is no group.
    """
    if len(groups) == 1:
        return groups[0].prior
    fits = best_fit(groups, data)
    likeliest = fits[0].group.prior
    mean = np.sum([one.probability * one.group.prior.mean for one in fits], axis=0)
    return WeightPrior(likeliest.names, mean, likeliest.covariance, likeliest.margin)
