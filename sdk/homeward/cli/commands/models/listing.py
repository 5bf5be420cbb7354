"""`homeward models list`, `search`, `verify` and `path`: which models there are."""

from typing import Annotated

import typer

from homeward import models
from homeward.cli.commands.models.bars import bars, reporter
from homeward.cli.errors import FAILED
from homeward.cli.options import options
from homeward.cli.render import plain, stderr, stdout, table

app = typer.Typer(help="Find, fetch and check the models.", no_args_is_help=True)


@app.command("list")
def list_(context: typer.Context) -> None:
    """List the models that can be pulled, and those that are here."""
    home = options(context).home
    here = {one.name: one for one in models.installed(home)}
    catalogue = models.catalogue(home)
    rows = [
        (
            one.name,
            one.kind.value,
            "pulled" if one.name in here else "",
            megabytes(sum(file.bytes for file in one.files)),
            one.licence,
            one.summary,
        )
        for one in catalogue
    ]
    for one in here.values():
        if one.name not in {entry.name for entry in catalogue}:
            size = megabytes(sum(file.bytes for file in one.files))
            rows.append((one.name, one.kind.value, one.origin, size, "", ""))
    stdout().print(table(["name", "kind", "here", "size", "licence", ""], rows))


@app.command()
def search(
    words: Annotated[
        str,
        typer.Argument(help="Words of a repository's name; OWNER/REPO lists that one's files."),
    ],
) -> None:
    """Search the hub for models. This sends the words to huggingface.co, or to HF_ENDPOINT."""
    if "/" in words:
        found = models.files(words)
        rows = [(one.name, megabytes(one.bytes)) for one in found]
        stdout().print(table(["`homeward models pull` NAME", "size"], rows))
    else:
        repositories = models.search(words)
        lines = [(one.name, one.licence, f"{one.downloads:,}") for one in repositories]
        stdout().print(table(["repository", "licence", "downloads a month"], lines))
        stderr().print("`homeward models search OWNER/REPO` lists the files of one.")


@app.command()
def verify(context: typer.Context) -> None:
    """Compare every file of every model that is here with its hash."""
    with bars() as progress:
        verdicts = models.verify(options(context).home, progress=reporter(progress))
    for one in verdicts:
        stdout().print(plain(f"{one.name}: {_verdict(one.damaged)}"))
    if not verdicts:
        stderr().print(
            "No model was pulled yet. Run `homeward models pull` to fetch the default models."
        )
    if not verdicts or any(one.damaged for one in verdicts):
        raise typer.Exit(FAILED)


@app.command()
def path(
    context: typer.Context, name: Annotated[str, typer.Argument()] = models.DEFAULT_LANGUAGE
) -> None:
    """Print where a model lies."""
    print(models.path(options(context).home, name))  # noqa: T201  a path is never wrapped


def megabytes(size: int) -> str:
    """Return a size as the tables show it."""
    return f"{size / 1e6:,.0f} MB"


def _verdict(damaged: tuple[str, ...]) -> str:
    return f"damaged: {', '.join(damaged)}; pull or import it again" if damaged else "whole"
