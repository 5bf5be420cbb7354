"""The `homeward-federation` command serves operators, authorities and developers who rehearse."""

from homeward_federated.cli.commands import main

__all__ = ["main"]
