"""
Federation trains shared numbers with other people without anyone seeing anyone's.

Off until the person joins a task. `shared` says which numbers are exchanged; the protocol is
`homeward_federated`'s, the ledgers and keys are the store's.
"""

from homeward.federation.contribution import FEWEST_CHOICES
from homeward.federation.person import Federation, Spent
from homeward.federation.shared import (
    CANARY,
    CODE,
    DIMS,
    MEANINGS,
    NAMES,
    STYLE_ASKED,
    told,
)
from homeward_federated.enrolment.offer import Offer
from homeward_federated.transport.client_loop import Part

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
    "Part",
    "Spent",
    "told",
]
