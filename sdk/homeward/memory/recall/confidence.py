"""
Estimates how sure recall is that the answer is among the best candidates.

A logistic model over ten facts about the ranking, one for each kind of corpus. It does not look at
how the question is worded: the wording gives away unanswerable questions of BEAM with an area under
the curve of .98, which is a mark of how that set was made and no knowledge (docs/log.md).
"""

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from homeward.memory.recall.feature_weights import between_people
from homeward.memory.recall.features import NAMES, Candidate

FACTS = (
    "meaning",  # the largest cosine of the best five
    "words",  # of the best
    "coverage",  # of the best
    "coverage with context",  # the largest of the best five
    "lead",  # of the best score over the mean of the next nine
    "spread",  # entropy of the scores in nats: many alike, or one that stands out
    "other speaker",  # says the best
    "occasion",  # the best of the best five
    "other date",  # than the question names, for the best
    "asks",  # the best is itself a question
)
_PEOPLE = np.array([0.31, 0.51, 2.93, -0.49, -0.12, -0.12, -3.86, -0.12, 0.18, -1.89])
_OWN = np.array([0.12, -1.11, -0.17, 1.09, -0.17, 0.25, 0.0, 0.45, -2.96, -0.13])
_PEOPLE_OFFSET, _OWN_OFFSET = -0.33, 0.01
_COLUMN = {name: at for at, name in enumerate(NAMES)}


def confidence(
    seen: NDArray[np.float64], scores: NDArray[np.float64], candidates: Sequence[Candidate]
) -> float:
    """
    Return how likely the answer is among the best, where half of all questions have none.

    Shapes:
        seen: (n, len(NAMES)) signals, best candidate first. scores: (n,), falling.
    """
    if not candidates:
        return 0.0
    weights, offset = (
        (_PEOPLE, _PEOPLE_OFFSET) if between_people(candidates) else (_OWN, _OWN_OFFSET)
    )
    return float(1 / (1 + np.exp(-(facts(seen, scores) @ weights + offset))))


def facts(seen: NDArray[np.float64], scores: NDArray[np.float64]) -> NDArray[np.float64]:
    """
    Return what tells a sure ranking from an unsure one.

    Shapes:
        seen, scores: as `confidence`. Returns (len(FACTS),).
    """
    share = np.exp(scores - scores[0])
    share /= share.sum()
    top, best = seen[:5], seen[0]
    return np.array(
        [
            top[:, _COLUMN["meaning"]].max(),
            best[_COLUMN["words"]],
            best[_COLUMN["coverage"]],
            top[:, _COLUMN["coverage with context"]].max(),
            scores[0] - scores[1:10].mean() if len(scores) > 1 else 0.0,
            -(share * np.log(share + 1e-12)).sum(),
            best[_COLUMN["other speaker"]],
            top[:, _COLUMN["occasion"]].max(),
            best[_COLUMN["other date"]],
            best[_COLUMN["asks"]],
        ]
    )
