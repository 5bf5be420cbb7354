"""Cutting text into sentences and spans. Pure."""
