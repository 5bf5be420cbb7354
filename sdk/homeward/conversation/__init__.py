"""Questions and replies: what may be used, the prompt, the stream and its record."""
