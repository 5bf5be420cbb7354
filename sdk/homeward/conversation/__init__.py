"""This package answers questions: it selects context, builds the prompt, streams and records."""
