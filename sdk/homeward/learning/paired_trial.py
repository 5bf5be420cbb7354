"""
Decides by a paired test whether a trained state helps on data that it has not seen.

Learned state is on only while it wins. What was measured, on what, and how it was decided is kept.
"""

import json
from collections.abc import Sequence
from dataclasses import asdict, dataclass, replace

import numpy as np

from homeward.errors import InvalidArgument
from homeward.learning.minimums import LEAST_HELD_BACK
from homeward.ports import Vector

_RESAMPLES = 2000


@dataclass(frozen=True, slots=True)
class TrialVerdict:
    """
    Paired difference of held-back losses, off less on, with a 95 % interval.

    `wins` means that the whole interval lies above zero.
    """

    gain: float
    low: float
    high: float
    items: int
    wins: bool


def judge(off: Vector, on: Vector, *, seed: int = 0) -> TrialVerdict:
    """
    Compare losses of the same held-back items without and with the learned state.

    Shapes:
        off, on: (items,), in nats.

    Raises:
        InvalidArgument: there are not as many losses on as off.

    Source:
        Efron 1979, percentile bootstrap over items.
    """
    if off.shape != on.shape:
        raise InvalidArgument(f"{len(off)} losses off and {len(on)} on are not of the same items")
    gains = off.astype(np.float64) - on
    if len(gains) < LEAST_HELD_BACK:
        return TrialVerdict(
            float(gains.mean()) if len(gains) else 0.0, -np.inf, np.inf, len(gains), wins=False
        )
    rng = np.random.default_rng(seed)
    means = gains[rng.integers(0, len(gains), (_RESAMPLES, len(gains)))].mean(axis=1)
    low, high = (float(bound) for bound in np.quantile(means, [0.025, 0.975]))
    return TrialVerdict(float(gains.mean()), low, high, len(gains), wins=low > 0)


def judge_with_choices(texts: TrialVerdict, both: TrialVerdict) -> TrialVerdict:
    """
    The verdict on texts with the loss of their choices, given that on the texts alone.

    Telling choices apart is no excuse for texts that surely became less likely: then it is lost.
    """
    return replace(both, wins=both.wins and texts.high >= 0)


@dataclass(frozen=True, slots=True)
class TrialRecord:
    """What a person can read about a learned state: where it came from and why it is on or off."""

    model_sha256: str  # the base model that the state is bound to
    soft_sha256: str
    start_sha256: str  # what learning started from: forgetting learns again from there
    learned_from: tuple[str, ...]  # ids of sources, in the order that the seed shuffles
    held_back: tuple[str, ...]
    curve: tuple[float, ...]
    verdict: TrialVerdict
    cpu_seconds: float
    learned_at: str  # ISO 8601, UTC
    basis_sha256: str = ""  # of the prior in whose coordinates learning began, where it did
    published: str = ""  # the federation's numbers that learning began at, where it did
    preferred: tuple[str, ...] = ()  # those of `learned_from` that were choices between two replies

    def to_json(self) -> str:
        """One line of JSON."""
        return json.dumps(asdict(self))

    @classmethod
    def from_json(cls, text: str) -> "TrialRecord":
        """The record that `to_json` wrote."""
        content = {"preferred": ()} | json.loads(text)  # older records have none
        names = ("learned_from", "held_back", "curve", "preferred")
        lists = {name: tuple(content[name]) for name in names}
        return cls(**content | lists | {"verdict": TrialVerdict(**content["verdict"])})


def newest(
    count: int, share: float, *, least: int = LEAST_HELD_BACK
) -> tuple[Sequence[int], Sequence[int]]:
    """Split items that lie oldest first: older ones to learn from, the newest to be tried on."""
    held = min(count - 1, max(least, round(count * share)))
    return range(count - held), range(count - held, count)
