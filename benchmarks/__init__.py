"""Measurements, each `python -m benchmarks.NAME [--json]`; none of them is a test."""
