"""Describes a trial's verdict as JSON, which has no infinity."""

import math

from homeward.learning.paired_test import TrialVerdict
from homeward.serving.routes.shapes import VerdictOut


def shown_verdict(verdict: TrialVerdict) -> VerdictOut:
    """Return `verdict` with the bounds of too few items left open."""
    low, high = (bound if math.isfinite(bound) else None for bound in (verdict.low, verdict.high))
    return VerdictOut(
        gain=verdict.gain, low=low, high=high, items=verdict.items, wins=bool(verdict.wins)
    )
