"""The operator's folder, rounds and status page."""
