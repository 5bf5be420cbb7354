"""Secure aggregation sums the devices' vectors without revealing any of them."""
