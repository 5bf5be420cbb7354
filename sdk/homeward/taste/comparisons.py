"""
Turns the person's choices into comparisons, each kind of signal with its own strength.

Reads choices and features; learns nothing itself.
"""

from collections.abc import Mapping, Sequence
from types import MappingProxyType

import numpy as np

from homeward.taste.features import Features
from homeward.taste.posterior import Comparisons, no_comparisons
from homeward.taste.weight_prior import Floats
from homeward_store import Choice, ChoiceSource

STRENGTHS: Mapping[ChoiceSource, float] = MappingProxyType(
    {
        ChoiceSource.EXPLICIT: 1.0,  # two replies side by side: the cleanest signal there is
        ChoiceSource.EQUAL: 0.5,  # counts twice, once each way
        ChoiceSource.EDIT: 0.5,  # an edit mends facts as often as style
        ChoiceSource.RETRY: 0.5,  # the first reply may have been wrong, not unloved
        ChoiceSource.RATING: 0.5,  # against a typical reply, which the person never saw
        ChoiceSource.ACCEPT: 0.1,  # people also copy what they do not like
    }
)
"""How much one choice of each kind counts. A kind that is left out, or is 0, counts nothing."""


def compare(
    choices: Sequence[Choice],
    features: Features,
    *,
    strengths: Mapping[ChoiceSource, float] = STRENGTHS,
) -> Comparisons:
    """Measure both replies of every choice, and weigh them."""
    differences = [difference(choice, features) for choice in choices]
    return weigh(choices, differences, dims=len(features.names), strengths=strengths)


def difference(choice: Choice, features: Features) -> Floats:
    """
    Features of the chosen reply minus those of the rejected one: (d,).

    An empty reply stands for a typical one: marking a reply good is choosing it over what one
    usually gets.
    """
    seen = [reply for reply in (choice.chosen, choice.rejected) if reply]
    rows = iter(features.of(choice.prompt, seen))
    typical = np.zeros(len(features.names))
    chosen = next(rows) if choice.chosen else typical
    rejected = next(rows) if choice.rejected else typical
    return np.asarray(chosen - rejected)


def weigh(
    choices: Sequence[Choice],
    differences: Sequence[Floats],
    *,
    dims: int,
    strengths: Mapping[ChoiceSource, float] = STRENGTHS,
) -> Comparisons:
    """
    Join measured choices into comparisons; each kind counts by its strength.

    "Neither is better" becomes a win each way. Comparisons keep the order of the choices.

    Shapes:
        differences: (dims,) each. Returns n rows (n, dims), n ≤ twice the choices.
    """
    ids, rows, weights = list[int](), list[Floats](), list[float]()
    for choice, row in zip(choices, differences, strict=True):
        strength = strengths.get(choice.source, 0.0)
        if strength <= 0:
            continue
        ways = (row, -row) if choice.source is ChoiceSource.EQUAL else (row,)
        ids += [choice.id] * len(ways)
        rows += ways
        weights += [strength] * len(ways)
    if not ids:
        return no_comparisons(dims)
    return Comparisons(tuple(ids), np.stack(rows), np.array(weights))
