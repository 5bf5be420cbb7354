"""This package cuts text into sentences and spans."""
