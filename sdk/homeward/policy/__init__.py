"""This package decides whether data may be used, kept or shown."""
