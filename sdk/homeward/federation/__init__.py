"""
Federation trains shared numbers with other people without anyone seeing anyone's.

Off until the person joins a task. `shared` says which numbers are exchanged; the protocol is
`homeward_federated`'s, the ledgers and keys are the store's.
"""

from homeward.federation.contribution import FEWEST_CHOICES
from homeward.federation.exchanged_numbers import (
    CANARY,
    CODE,
    DIMS,
    MEANINGS,
    NAMES,
    STYLE_ASKED,
    told,
)
from homeward.federation.federation import Federation, Spent
from homeward_federated.enrolment.offer import Offer
from homeward_federated.transport.client_loop import Participation

__all__ = [
    "CANARY",
    "CODE",
    "DIMS",
    "FEWEST_CHOICES",
    "MEANINGS",
    "NAMES",
    "STYLE_ASKED",
    "Federation",
    "Offer",
    "Participation",
    "Spent",
    "told",
]
