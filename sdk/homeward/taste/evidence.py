"""
Turns the person's choices into comparisons, each kind of signal with its own strength.

Reads choices and features; learns nothing itself.
"""

from collections.abc import Mapping, Sequence
from types import MappingProxyType

import numpy as np

from homeward.taste.features import Features
from homeward.taste.posterior import Comparisons, no_comparisons
from homeward.taste.prior import Floats
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
"""How much one choice of each kind counts. A kind that is left out, or is 0, teaches nothing."""


def compare(
    choices: Sequence[Choice],
    features: Features,
    *,
    strengths: Mapping[ChoiceSource, float] = STRENGTHS,
) -> Comparisons:
    """
    Measure both replies of every choice.

    An empty reply stands for a typical one: marking a reply good is choosing it over what one
    usually gets. "Neither is better" becomes a win each way.
    """
    parts = [
        _comparison(choice, features, strength)
        for choice in choices
        if (strength := strengths.get(choice.source, 0.0)) > 0
    ]
    if not parts:
        return no_comparisons(len(features.names))
    return Comparisons(
        tuple(one for part in parts for one in part.ids),
        np.concatenate([part.differences for part in parts]),
        np.concatenate([part.strengths for part in parts]),
    )


def _comparison(choice: Choice, features: Features, strength: float) -> Comparisons:
    difference = _difference(choice, features)
    if choice.source is ChoiceSource.EQUAL:
        return Comparisons(
            (choice.id, choice.id), np.stack([difference, -difference]), np.full(2, strength)
        )
    return Comparisons((choice.id,), difference[None, :], np.array([strength]))


def _difference(choice: Choice, features: Features) -> Floats:
    seen = [reply for reply in (choice.chosen, choice.rejected) if reply]
    rows = iter(features.of(choice.prompt, seen))
    typical = np.zeros(len(features.names))
    chosen = next(rows) if choice.chosen else typical
    rejected = next(rows) if choice.rejected else typical
    return np.asarray(chosen - rejected)
