"""`homeward profile …`: one module for each kind of its commands, which all add to one group."""

from homeward.cli.commands.profile import backup, security
from homeward.cli.commands.profile.attributes import app

__all__ = ["app", "backup", "security"]
