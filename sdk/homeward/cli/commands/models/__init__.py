"""`homeward models …`: one module for each kind of its commands, which all add to one group."""

from homeward.cli.commands.models import bringing, importing
from homeward.cli.commands.models.listing import app

__all__ = ["app", "bringing", "importing"]
