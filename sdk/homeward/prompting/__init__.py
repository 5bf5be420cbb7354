"""This package writes what the model reads: templates, system text, style and images."""
