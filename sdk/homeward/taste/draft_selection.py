"""Picks the draft that the person would like best, if taste is sure enough."""

import numpy as np

from homeward.errors import InvalidArgument
from homeward.taste.posterior import Posterior
from homeward.taste.weight_prior import Floats
from homeward_store import Pick

SURE = 0.6  # below it, a swap would be wrong more than two times in five


def pick(posterior: Posterior, drafts: Floats, *, sure: float = SURE) -> Pick:
    """
    Choose among drafts; the first one, which is what the model says by itself, wins doubts.

    Shapes:
        drafts: (n, d), features.

    Raises:
        InvalidArgument: there is no draft.
    """
    if not len(drafts):
        raise InvalidArgument("there is no draft to pick from; give at least one")
    best = int(np.argmax(posterior.score(drafts)))
    probability = float(posterior.probability((drafts[best] - drafts[0])[None, :])[0])
    n = len(drafts)
    return Pick(best, probability, n) if probability >= sure else Pick(0, 0.5, n)


def examples(
    posterior: Posterior, differences: Floats, likeness: Floats, *, limit: int
) -> list[int]:
    """
    Which of the person's own pairs to show the model: alike in prompt, and typical of their taste.

    A pair that taste itself would decide the other way is an exception, or a slip; it is left out.

    Shapes:
        differences: (n, d). likeness: (n,), of each pair's prompt to the question. Returns
        positions, best first.
    """
    typical = posterior.probability(differences)
    order = np.argsort(-likeness * typical, kind="stable")
    return [int(at) for at in order if typical[at] > 0.5][:limit]
