"""Threads: lazy attributes, one thread at a time, a queue to an assistant's thread."""
