"""The local server: the assistant for other programs of this machine, over loopback HTTP."""
