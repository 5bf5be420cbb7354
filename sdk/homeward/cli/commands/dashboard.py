"""`homeward open` shows the dashboard in the person's browser, over the local server."""

import contextlib
import os
import webbrowser
from collections.abc import Callable
from threading import Thread
from typing import Annotated

import typer

from homeward.cli.extras import needs
from homeward.cli.options import options
from homeward.cli.render import stderr
from homeward.cli.unlock import opened
from homeward.serving.address import PORT

_LINE = 1024  # bytes that are read at once; nobody types more


def open_(
    context: typer.Context,
    *,
    port: Annotated[
        int, typer.Option(min=0, max=65535, help="The port to serve on; 0 takes any free port.")
    ] = PORT,
    browser: Annotated[
        bool,
        typer.Option("--browser/--no-browser", help="Open the browser, or only print the address."),
    ] = True,
) -> None:
    """Show what is known, learned and decided in your browser, until Ctrl-C."""
    with needs("serve"):
        from homeward.serving.dashboard.login_codes import Admissions
        from homeward.serving.server import serve
    chosen = options(context)
    assistant = opened(chosen)
    admissions = Admissions()

    def let_in(url: str) -> None:
        address = f"{url}/#once={admissions.invite()}"
        if browser and webbrowser.open(address):
            stderr().print(f"{chosen.person}'s dashboard is open in your browser. Ctrl-C stops it.")
        else:
            stderr().print(
                "Open this address within a minute; it works once. Ctrl-C stops the server."
            )
            stderr().print(address, soft_wrap=True)
        stderr().print("If you reload the tab, press Enter here to let it in again.")

    def ready(url: str) -> None:
        let_in(url)
        Thread(target=_at_each_line, args=(lambda: let_in(url),), daemon=True).start()

    # No app is let in: this server's keys are those of its pages.
    serve(
        assistant, person=chosen.person, token=None, admissions=admissions, port=port, ready=ready
    )


def _at_each_line(action: Callable[[], None]) -> None:
    # Not through `sys.stdin`, whose lock this thread would hold when the process ends.
    with contextlib.suppress(OSError):
        while b"\n" in os.read(0, _LINE):
            action()
