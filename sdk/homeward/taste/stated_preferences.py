"""
Turns the person's style settings into a starting point for their taste.

Only settings of style are read. Who somebody is says nothing here: there is no word for it.
"""

from collections.abc import Mapping

from homeward.taste.features import STYLE_DEVIATION
from homeward.taste.weight_prior import WeightPrior

_SAYS: Mapping[tuple[str, str], tuple[str, float]] = {
    ("style.length", "brief"): ("length", -1.0),
    ("style.length", "thorough"): ("length", 1.0),
    ("style.tone", "formal"): ("formality", 1.0),
    ("style.tone", "casual"): ("formality", -1.0),
    ("style.emoji", "none"): ("emoji", -1.0),
    ("style.emoji", "some"): ("emoji", 1.0),
}
"""A setting and its value → the weight that it moves, in deviations of a stranger's weights."""

SETTINGS = tuple(dict.fromkeys(key for key, _ in _SAYS))


def declared(start: WeightPrior, settings: Mapping[str, str]) -> WeightPrior:
    """Move a prior's mean by what the person set; choices move it on, or back."""
    mean = start.mean.copy()
    for key, value in settings.items():
        name, deviations = _SAYS.get((key, value.casefold()), ("", 0.0))
        if name in start.names:
            mean[start.names.index(name)] += deviations * STYLE_DEVIATION
    return WeightPrior(start.names, mean, start.covariance, start.margin)
