"""Differential privacy: noise, accounting and the ledger of what was spent."""
