"""This package runs many devices in one process, and mutates messages."""
