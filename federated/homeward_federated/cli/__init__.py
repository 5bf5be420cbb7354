"""`homeward-federation`: what an operator, an authority and a rehearsing developer run."""

from homeward_federated.cli.commands import main

__all__ = ["main"]
