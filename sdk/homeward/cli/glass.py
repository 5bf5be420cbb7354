"""`homeward open`: the glass box in the person's browser, over the local server."""

import webbrowser
from typing import Annotated

import typer

from homeward.cli.extras import needs
from homeward.cli.options import options
from homeward.cli.render import stderr
from homeward.cli.unlock import opened


def open_(
    context: typer.Context,
    *,
    port: Annotated[int, typer.Option(min=0, max=65535, help="0: any that is free.")] = 8766,
    browser: Annotated[
        bool, typer.Option("--browser/--no-browser", help="Or only show the address.")
    ] = True,
) -> None:
    """Look at all that is known, learned and decided, in your browser, until Ctrl-C."""
    with needs("serve"):
        from homeward.serving.glass.admissions import Admissions
        from homeward.serving.running import serve
        from homeward.serving.tokens import kept_token, token_file
    chosen = options(context)
    assistant = opened(chosen)
    token = kept_token(token_file(chosen.home, chosen.person))
    admissions = Admissions(token)

    def ready(url: str) -> None:
        address = f"{url}/#once={admissions.invite()}"
        if browser and webbrowser.open(address):
            stderr().print(f"{chosen.person}'s glass box is in your browser; Ctrl-C ends it.")
        else:
            stderr().print("Open this within a minute; it works once. Ctrl-C ends the server.")
            stderr().print(address, soft_wrap=True)

    serve(
        assistant, person=chosen.person, token=token, admissions=admissions, port=port, ready=ready
    )
