"""This package writes, extracts, reviews, supersedes and recalls memories."""
