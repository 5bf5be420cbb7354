"""What `make demo` shows: an assistant that knows a person, and forgets on request."""
