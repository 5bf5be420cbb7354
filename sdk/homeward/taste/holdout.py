"""
Computes how well taste predicts choices that it has not seen, without a language model.

Pure. Whether taste is used for replies is decided by `trying`, on what a model makes of them.
"""

import numpy as np

from homeward.ports import Vector
from homeward.taste.posterior import Comparisons, fit
from homeward.taste.weight_prior import WeightPrior

_HELD_BACK = 0.3  # of the comparisons, the newest


def held_back_losses(
    data: Comparisons, prior: WeightPrior, *, share: float = _HELD_BACK
) -> tuple[Vector, Vector]:
    """
    Losses on the newest choices: by the prior that everybody starts from, and with taste.

    Taste is fitted on the older choices only. Comparisons in `data` are oldest first.

    Shapes:
        Returns (items,) and (items,) in nats, of the same choices.
    """
    held = data.ids[len(data) - int(len(data) * share) :]
    older = data.without(held)
    tests = data.differences[[one in set(held) for one in data.ids]]
    off = fit(older.without(older.ids), prior).probability(tests)
    on = fit(older, prior).probability(tests)
    return -np.log(off).astype(np.float32), -np.log(on).astype(np.float32)
