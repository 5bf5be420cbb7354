"""Consents, the privacy budget and other programs' rights share one append-only ledger."""
