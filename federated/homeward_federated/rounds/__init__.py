"""This package has the two sides of a round as state machines without I/O."""
