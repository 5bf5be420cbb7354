"""Opt-in federation: what may leave the device, and only what the round's contract says."""

from homeward_federated.errors import BudgetExhausted, FederatedError, ProtocolViolation

__all__ = ["BudgetExhausted", "FederatedError", "ProtocolViolation"]
