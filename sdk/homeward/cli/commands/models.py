"""`homeward models …` lists, pulls and checks models."""

import sys
from collections.abc import Collection
from pathlib import Path
from typing import Annotated

import typer
from rich.progress import (
    BarColumn,
    DownloadColumn,
    Progress,
    TaskID,
    TextColumn,
    TransferSpeedColumn,
)

from homeward import models
from homeward.cli.errors import FAILED
from homeward.cli.options import options
from homeward.cli.render import harmless, plain, stderr, stdout, table
from homeward.cli.terminal import agreed
from homeward.errors import LicenceNotAccepted
from homeward.models import ModelManifest, Report

app = typer.Typer(help="Fetch and check the models.", no_args_is_help=True)


@app.command("list")
def list_(context: typer.Context) -> None:
    """List the models that can be pulled, and those that were."""
    home = options(context).home
    here = {one.name for one in models.installed(home)}
    rows = [
        (
            one.name,
            one.kind.value,
            "pulled" if one.name in here else "",
            f"{sum(file.bytes for file in one.files) / 1e6:,.0f} MB",
            one.licence,
            one.summary,
        )
        for one in models.catalogue(home)
    ]
    stdout().print(table(["name", "kind", "here", "size", "licence", ""], rows))


@app.command()
def pull(
    context: typer.Context,
    names: Annotated[
        list[str] | None,
        typer.Argument(help="The models to pull; by default the two that Homeward needs."),
    ] = None,
    accepted: Annotated[
        list[str] | None,
        typer.Option(
            "--accept-licence",
            metavar="NAME",
            help="Terms of use that you have read and accept, such as gemma (repeatable).",
        ),
    ] = None,
) -> None:
    """Fetch models, check their hashes, and make the form that is fastest here."""
    home = options(context).home
    for name in names or [models.DEFAULT_LANGUAGE, models.DEFAULT_EMBEDDING]:
        manifest = _pull(name, home, accepted or [])
        stderr().print(plain(f"{name}: whole; uses {manifest.used}"))


@app.command()
def verify(context: typer.Context) -> None:
    """Compare every file of every pulled model with its hash."""
    with _progress() as progress:
        verdicts = models.verify(options(context).home, progress=_report(progress))
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


def _pull(name: str, home: Path, accepted: Collection[str]) -> ModelManifest:
    """Pull one model; on a terminal, ask whether its terms are accepted."""
    try:
        with _progress() as progress:
            return models.pull(name, home, accepted=accepted, progress=_report(progress))
    except LicenceNotAccepted as needed:
        if not sys.stdin.isatty():
            raise
        stderr().print(plain(str(needed)))
        if not agreed(f"Have you read these terms, and do you accept them for {name}?"):
            raise
        return _pull(name, home, [*accepted, needed.terms])


def _verdict(damaged: tuple[str, ...]) -> str:
    return f"damaged: {', '.join(damaged)}; pull it again" if damaged else "whole"


def _progress() -> Progress:
    return Progress(
        TextColumn("{task.description}", markup=False),
        BarColumn(),
        DownloadColumn(),
        TransferSpeedColumn(),
        console=stderr(),
        transient=True,
    )


def _report(progress: Progress) -> Report:
    """Return a report that gives each stage of each file a bar of its own."""
    bars: dict[tuple[str, str], TaskID] = {}

    def report(step: models.DownloadProgress) -> None:
        key = (step.stage, step.what)
        if key not in bars:
            for bar in bars.values():
                progress.update(bar, visible=False)
            bars[key] = progress.add_task(harmless(f"{step.stage.value} {step.what}"), total=None)
        progress.update(bars[key], completed=step.done, total=step.total)

    return report
