"""Homeward: a local assistant that learns the person who uses it, and tells nobody."""
