"""This package asks from the terminal: one question, or a chat."""
