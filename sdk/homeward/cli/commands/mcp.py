"""`homeward mcp` offers the person's memories to MCP assistants, over stdio."""

import typer

from homeward.cli.extras import needs
from homeward.cli.options import options
from homeward.cli.unlock import opened, way_in


def mcp(context: typer.Context) -> None:
    """
    Speak MCP on standard input and output: recall, remember, forget, why.

    Each client can do only what `homeward clients grant` lets it. The passphrase has to come from
    HOMEWARD_PASSPHRASE_FILE or the keychain.
    """
    with needs("mcp"):
        from homeward.mcp.server import run
    chosen = options(context)
    way_in(chosen, new=False)  # fails now and visibly, not in the client's first request
    run(lambda: opened(chosen))
