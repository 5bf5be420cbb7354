"""`homeward serve` offers the assistant to other programs of this machine."""

from typing import Annotated

import typer

from homeward.cli.extras import needs
from homeward.cli.options import options
from homeward.cli.render import stderr
from homeward.cli.unlock import opened
from homeward.concurrency.worker import MOST_STREAMS
from homeward.serving.address import HOST, PORT


def serve(
    context: typer.Context,
    *,
    host: Annotated[str, typer.Option(help="The address to listen on: 127.0.0.1 or ::1.")] = HOST,
    port: Annotated[
        int, typer.Option(min=0, max=65535, help="The port to listen on; 0 takes any free port.")
    ] = PORT,
    waiting: Annotated[
        int, typer.Option(min=0, max=1000, help="How many requests may wait for the model.")
    ] = MOST_STREAMS,
    new_token: Annotated[
        bool, typer.Option("--new-token", help="Make a new token; the old one stops working.")
    ] = False,
) -> None:
    """Serve an API like OpenAI's, and Homeward's own, on this machine until Ctrl-C."""
    with needs("serve"):
        from homeward.serving.server import serve as run
        from homeward.serving.tokens import kept_token, token_file
    chosen = options(context)
    file = token_file(chosen.home, chosen.person)

    def ready(url: str) -> None:
        stderr().print(f"Serving {chosen.person} at {url} (OpenAI's clients: {url}/v1).")
        stderr().print(f"The bearer token is in {file}. Ctrl-C stops the server.", soft_wrap=True)

    with opened(chosen) as assistant:
        run(
            assistant,
            person=chosen.person,
            token=kept_token(file, anew=new_token),
            host=host,
            port=port,
            waiting=waiting,
            ready=ready,
        )
