"""
Opt-in federation: what may leave the device, and only what the round's terms say.

Importing this package, or any of its modules but `flower`, opens no socket and makes no key.
"""

from homeward_federated.errors import (
    BudgetExhausted,
    FederatedError,
    LedgerDamaged,
    Malformed,
    NothingToShare,
    NotJoined,
    OutOfOrder,
    PriorRefused,
    ProtocolViolation,
    RoundSpoiled,
    ServerUnreachable,
    TermsRefused,
    TooFewSurvivors,
    WrongSigner,
)

__all__ = [
    "BudgetExhausted",
    "FederatedError",
    "LedgerDamaged",
    "Malformed",
    "NotJoined",
    "NothingToShare",
    "OutOfOrder",
    "PriorRefused",
    "ProtocolViolation",
    "RoundSpoiled",
    "ServerUnreachable",
    "TermsRefused",
    "TooFewSurvivors",
    "WrongSigner",
]
