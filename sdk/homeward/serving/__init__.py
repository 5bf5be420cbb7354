"""The local server offers the assistant to programs of this machine over loopback HTTP."""
