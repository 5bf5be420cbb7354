"""`homeward models import` uses a model file of another program where it lies."""

from typing import Annotated

import typer

from homeward import models
from homeward.cli.commands.models.bars import bars, reporter
from homeward.cli.commands.models.listing import app, megabytes
from homeward.cli.options import options
from homeward.cli.render import plain, stderr, stdout, table


@app.command("import")
def import_(
    context: typer.Context,
    what: Annotated[
        str | None,
        typer.Argument(help="A GGUF file, or a model of Ollama or LM Studio by its name there."),
    ] = None,
    name: Annotated[
        str | None, typer.Option("--as", help="What to call it here; by default made of its name.")
    ] = None,
) -> None:
    """Use the model of another program without copying it; without arguments, list them."""
    if what is None:
        _list()
        return
    home = options(context).home
    with bars() as progress:
        record = models.import_model(what, home, name=name, progress=reporter(progress))
    stderr().print(plain(f"{record.name}: used where it lies, {record.used}"))


def _list() -> None:
    found = models.foreign_models()
    rows = [(one.name, one.program, _size(one), "yes" if one.projector else "") for one in found]
    if rows:
        stdout().print(table(["name", "program", "size", "sees images"], rows))
    else:
        stderr().print("Neither Ollama nor LM Studio has a model here. Name a file instead.")


def _size(model: models.ForeignModel) -> str:
    return megabytes(model.file.stat().st_size) if model.file.is_file() else "gone"
