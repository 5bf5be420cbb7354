"""Consents, the privacy budget and other programs' rights, on one append-only ledger."""
