"""`homeward models pull` fetches models; on a terminal it asks first what is to be asked."""

import sys
from collections.abc import Collection
from pathlib import Path
from typing import Annotated

import typer

from homeward import models
from homeward.cli.commands.models.bars import bars, reporter
from homeward.cli.commands.models.listing import app
from homeward.cli.options import options
from homeward.cli.render import plain, stderr
from homeward.cli.terminal import agreed
from homeward.errors import LicenceNotAccepted
from homeward.models import ModelManifest


@app.command()
def pull(
    context: typer.Context,
    names: Annotated[
        list[str] | None,
        typer.Argument(
            help="The models to pull, by a name of the list or as hub:OWNER/REPO:FILE; by default "
            "the two that Homeward needs."
        ),
    ] = None,
    accepted: Annotated[
        list[str] | None,
        typer.Option(
            "--accept-licence",
            metavar="NAME",
            help="Terms of use that you have read and accept, such as gemma (repeatable).",
        ),
    ] = None,
    *,
    anyway: Annotated[
        bool, typer.Option("--anyway", help="Pull a model that seems too large for the memory.")
    ] = False,
) -> None:
    """Fetch models, check their hashes, and convert them to the form that is fastest here."""
    home = options(context).home
    for name in names or [_language_model(home), models.DEFAULT_EMBEDDING]:
        manifest = _pull(name, home, accepted or [], anyway=anyway)
        stderr().print(plain(f"{name}: whole; uses {manifest.used}"))


def _language_model(home: Path) -> str:
    """Return the default, or the best that fits where the person is there and wants it."""
    if not sys.stdin.isatty() or not models.reachable():
        return models.DEFAULT_LANGUAGE
    free = models.free_memory()
    best = models.best(models.catalogue(home), free)
    if best is None:
        return models.DEFAULT_LANGUAGE
    size = sum(file.bytes for file in best.files) / 1e9
    stderr().print(
        plain(
            f"{free / 1e9:.1f} GB of memory are free here. The best model that fits is "
            f"{best.name}: {best.summary}; {size:.1f} GB to fetch, licence {best.licence}."
        )
    )
    if not agreed(f"Fetch it, instead of the small {models.DEFAULT_LANGUAGE}?"):
        return models.DEFAULT_LANGUAGE
    stderr().print(plain(f"`homeward --model {best.name} chat` will use it."))
    return best.name


def _pull(name: str, home: Path, accepted: Collection[str], *, anyway: bool) -> ModelManifest:
    """Pull one model; on a terminal, ask whether its terms are accepted."""
    try:
        with bars() as progress:
            return models.pull(
                name, home, accepted=accepted, anyway=anyway, progress=reporter(progress)
            )
    except LicenceNotAccepted as needed:
        if not sys.stdin.isatty():
            raise
        stderr().print(plain(str(needed)))
        if not agreed(f"Have you read these terms, and do you accept them for {name}?"):
            raise
        return _pull(name, home, [*accepted, needed.terms], anyway=anyway)
