"""Sums that nobody sees into: masks, shares, roster and identities."""
