"""
What can go wrong in a federated round, and what the caller should do about it.

    FederatedError
    ├── BudgetExhausted      skip this round: the privacy budget does not cover it
    └── ProtocolViolation    drop the round: a message was not what the protocol allows
"""


class FederatedError(Exception):
    """A federated round cannot go on."""


class BudgetExhausted(FederatedError):
    """Taking part would spend more privacy than the person allowed."""


class ProtocolViolation(FederatedError):
    """A message arrived that the round's contract does not allow."""
