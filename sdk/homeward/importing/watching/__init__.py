"""Watching folders: when to look, what changed since, and when to leave the machine alone."""
