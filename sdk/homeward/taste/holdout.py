"""
Does taste predict choices that it has not seen? The measurements that a trial decides on.

Pure; the decision, its threshold and its record belong to the trial.
"""

import numpy as np

from homeward.taste.posterior import Comparisons, fit
from homeward.taste.prior import Floats, Prior

_HELD_BACK = 0.3  # of the choices, the newest


def gains(data: Comparisons, prior: Prior, *, held_back: float = _HELD_BACK) -> Floats:
    """
    How much better the newest choices are predicted with taste than without, one figure a choice.

    Taste is fitted on the older choices; "without" is the prior that everybody starts from. Choices
    in `data` are oldest first.

    Shapes:
        Returns (held,) log-score differences in nats; positive favours taste.

    Raises:
        ValueError: too few choices to hold any back.
    """
    held = int(len(data) * held_back)
    if held < 1:
        raise ValueError(f"{len(data)} choices are too few to hold some back")
    newest = set(data.ids[-held:])
    older = data.without(data.ids[-held:])
    rows = np.array([one in newest for one in data.ids])
    tests = data.differences[rows]
    on, off = (
        fit(older, prior).probability(tests),
        fit(data.without(data.ids), prior).probability(tests),
    )
    return np.asarray(np.log(on) - np.log(off))
