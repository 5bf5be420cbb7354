"""Asking from the terminal: one question, or a chat."""
