"""This package has differential privacy: noise, accounting and the ledger of spent budget."""
