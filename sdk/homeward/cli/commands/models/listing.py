"""`homeward models list`, `search`, `verify` and `path`: which models there are."""

from typing import Annotated

import typer

from homeward import models
from homeward.cli.commands.models.bars import bars, reporter
from homeward.cli.errors import FAILED
from homeward.cli.listing import AsJson, Row, Shown, listed
from homeward.cli.options import options
from homeward.cli.render import plain, stderr, stdout
from homeward.models.entry import CatalogueEntry
from homeward.models.manifest import ModelManifest

app = typer.Typer(help="Find, fetch and check the models.", no_args_is_help=True)


@app.command("list")
def list_(context: typer.Context, *, as_json: AsJson = False) -> None:
    """List the models that can be pulled, and those that are here."""
    home = options(context).home
    here = {one.name: one for one in models.installed(home)}
    catalogue = models.catalogue(home)
    rows = [
        _row(one, "pulled" if one.name in here else "", one.licence, one.summary)
        for one in catalogue
    ]
    others = here.keys() - {one.name for one in catalogue}
    rows += [_row(one, one.origin, "", "") for one in here.values() if one.name in others]
    listed(rows, as_json=as_json)


def _row(model: CatalogueEntry | ModelManifest, is_here: str, licence: str, summary: str) -> Row:
    size = sum(file.bytes for file in model.files)
    return {
        "name": model.name,
        "kind": model.kind.value,
        "here": is_here,
        "size": Shown(size, megabytes(size)),
        "licence": licence,
        "summary": summary,
    }


@app.command()
def search(
    words: Annotated[
        str,
        typer.Argument(help="Words of a repository's name; OWNER/REPO lists that one's files."),
    ],
    *,
    as_json: AsJson = False,
) -> None:
    """Search the hub for models. This sends the words to huggingface.co, or to HF_ENDPOINT."""
    if "/" in words:
        files: list[Row] = [
            {"name": one.name, "size": Shown(one.bytes, megabytes(one.bytes))}
            for one in models.files(words)
        ]
        listed(files, as_json=as_json)
        stderr().print("`homeward models pull NAME` fetches one.")
    else:
        repositories: list[Row] = [
            {
                "repository": one.name,
                "licence": one.licence,
                "downloads_a_month": Shown(one.downloads, f"{one.downloads:,}"),
            }
            for one in models.search(words)
        ]
        listed(repositories, as_json=as_json)
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
    context: typer.Context,
    name: Annotated[str, typer.Argument(help="The model's name.")] = models.DEFAULT_LANGUAGE,
) -> None:
    """Print where a model lies."""
    print(models.path(options(context).home, name))  # noqa: T201  a path is never wrapped


def megabytes(size: int) -> str:
    """Return a size as the tables show it."""
    return f"{size / 1e6:,.0f} MB"


def _verdict(damaged: tuple[str, ...]) -> str:
    return f"damaged: {', '.join(damaged)}; pull or import it again" if damaged else "whole"
