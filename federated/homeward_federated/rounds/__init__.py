"""One round's two sides as state machines without I/O."""
