"""
Holds the tuned weights of the ranking features.

Listwise logistic regression on the development halves of LoCoMo and BEAM, judged on conversations
left out (`benchmarks.recall_weights`, docs/log.md). Two tables, because what was said between
people and what one person told an assistant differ in every weight: one table for both loses .03
on each.
"""

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from homeward.memory.recall.features import NAMES, Candidate, speaker_of

BETWEEN_PEOPLE = {
    "words": 1.72,
    "meaning": 4.3,
    "words before": 0.45,
    "words after": 0.76,
    "meaning before": 3.64,
    "meaning after": 1.01,
    "occasion": 3.06,
    "coverage": -0.29,
    "coverage with context": 2.52,
    "named speaker": 1.23,
    "other speaker": -1.39,
    "date": 3.92,
    "other date": -0.43,
    "asks": -0.84,
    "length": 5.3,
    "when: tells a time": 2.48,
    "amount: tells a number": 2.04,
}
OWN_WORDS = {
    "words": 1.5,
    "meaning": 6.22,
    "words after": 0.63,
    "meaning after": -0.57,
    "occasion": 2.14,
    "coverage": 2.12,
    "other date": -0.67,
    "when: tells a time": 0.46,
    "amount: tells a number": 1.2,
    "advice: meaning": 1.38,
    "advice: words": -0.95,
    "advice: standing wish": -0.09,
    "advice: asked for": 2.38,
    "advice: preference": 1.89,
    "standing wish": 0.34,
    "overview: meaning": -0.61,
    "told before": -1.39,
}


def weights_for(candidates: Sequence[Candidate]) -> NDArray[np.float64]:
    """
    Return the weights that suit where `candidates` come from.

    Shapes:
        (len(NAMES),) float64.
    """
    table = BETWEEN_PEOPLE if between_people(candidates) else OWN_WORDS
    return np.array([table.get(name, 0.0) for name in NAMES])


def between_people(candidates: Sequence[Candidate]) -> bool:
    """Return whether most candidates open with who says them, and several people do."""
    speakers = [name for one in candidates if (name := speaker_of(one.memory.text))]
    return 2 * len(speakers) > len(candidates) and len(set(speakers)) > 1
