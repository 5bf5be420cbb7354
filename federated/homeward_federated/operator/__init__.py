"""This package has the operator's folder, rounds and status page."""
