"""This package turns opened sums into signed priors, which devices download."""
