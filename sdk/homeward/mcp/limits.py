"""Limits how often a client may do what."""

from datetime import timedelta

from homeward_store import Ability

WINDOW = timedelta(minutes=1)

PER_WINDOW = {
    Ability.RECALL: 30,  # an agent that looks something up before each of its steps
    Ability.WHY: 30,
    Ability.REMEMBER: 20,
    Ability.FORGET: 5,  # each erases for good: a runaway loop must not empty a profile
}

REFUSALS_KEPT = 5  # a window; a client that is refused must not fill the ledger by asking on


def too_often(ability: Ability, *, done: int) -> bool:
    """Return whether a client that has done something `done` times in a window has to wait."""
    return done >= PER_WINDOW[ability]
