"""
Opt-in federation sends only what a round's terms name and the person agreed to.

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
