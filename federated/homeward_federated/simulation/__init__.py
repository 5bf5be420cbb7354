"""Many devices in one process, and mutated messages."""
