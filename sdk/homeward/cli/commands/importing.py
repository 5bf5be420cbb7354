"""`homeward memories import` imports other programs' data, with progress."""

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Annotated

import typer
from rich.progress import (
    BarColumn,
    MofNCompleteColumn,
    Progress as Bar,
    TextColumn,
    TimeRemainingColumn,
)

from homeward.cli.commands.memories import app
from homeward.cli.errors import FAILED, INTERRUPTED
from homeward.cli.options import options
from homeward.cli.render import plain, stderr, stdout
from homeward.cli.text_input import given, standard_input
from homeward.cli.unlock import opened
from homeward.errors import InvalidArgument
from homeward.importing import ImportProgress, Taken

_MOST_SHOWN = 10
_PIPE, _PIPE_NAME = Path("-"), "standard input"

__all__ = ["app"]  # the group of `memories.py`, with the command of this file in it


@app.command("import")
def import_(
    context: typer.Context,
    path: Annotated[
        Path,
        typer.Argument(
            help="The file, or a folder with all that is in it; - reads standard input."
        ),
    ],
    *,
    mine: Annotated[
        bool, typer.Option("--mine", help="You wrote the text, so it counts as your own words.")
    ] = False,
    i_am: Annotated[
        str | None,
        typer.Option(help="The name by which you write in the chat; others' messages stay theirs."),
    ] = None,
    caption: Annotated[
        str | None,
        typer.Option(help="The image's caption or text; - reads it from standard input."),
    ] = None,
    again: Annotated[
        bool,
        typer.Option("--again", help="Import again what was imported before and then forgotten."),
    ] = False,
) -> None:
    """
    Import chats, mails, notes and documents of other programs.

    Formats: exports of ChatGPT, Claude and Google Takeout (zip, json), chats of WhatsApp and
    Telegram (zip, txt, json; say who you are with --i-am), mail (mbox, eml), notes (md, a vault
    of Obsidian), documents (pdf, docx, odt, pptx, epub, html, txt), tables (xlsx, csv), calendars
    (ics), contacts (vcf), and images with a caption. Of a folder, only what changed since last
    time is read.

    An interrupted import resumes when started again. Importing a file again adds nothing.
    """
    piped = path == _PIPE
    if piped and caption is not None:
        raise InvalidArgument("an image is not read from standard input; give its file by name")
    said = None if caption is None else given(caption)
    with opened(options(context)) as assistant, _bar() as bar:
        task = bar.add_task("reading", total=None)

        def report(step: ImportProgress) -> None:
            what = "reading" if step.total is None else "taking in"
            bar.update(task, description=what, completed=step.done, total=step.total)

        with _kept_when_stopped():
            if piped:
                file = standard_input()
                taken = assistant.imports.stream(
                    file, name=_PIPE_NAME, mine=mine, i_am=i_am, again=again, report=report
                )
            else:
                taken = assistant.imports.file(
                    path, mine=mine, i_am=i_am, text=said, again=again, report=report
                )
    stdout().print(plain(_said(_PIPE_NAME if piped else path.name, taken)))
    if taken.warning:
        stderr().print(plain(taken.warning))
    if taken.warning and taken.left_out_count:
        raise typer.Exit(FAILED)


@contextmanager
def _kept_when_stopped() -> Iterator[None]:
    """Say after Ctrl-C what is there; the batch that was being written is undone as a whole."""
    try:
        yield
    except KeyboardInterrupt:
        stderr().print("Stopped. What was taken in is kept; give the command again to go on.")
        raise typer.Exit(INTERRUPTED) from None


def _said(name: str, taken: Taken) -> str:
    known = f"; known already: {taken.known}" if taken.known else ""
    counts = ", ".join(f"{reason.value}: {number}" for reason, number in taken.unremembered)
    left = f"\nNot remembered: {counts}. See: homeward memories unremembered" if counts else ""
    said = (
        f"{name}: exchanges: {taken.exchanges}, documents: {taken.documents},"
        f" memories: {taken.memories}{known}.{left}"
    )
    if not taken.left_out_count:
        return said
    shown = [f"Left out: {one}." for one in taken.left_out[:_MOST_SHOWN]]
    more = taken.left_out_count - len(shown)
    rest = [f"And {more} more."] if more else []
    return "\n".join([said, f"Not taken in: {taken.left_out_count} items.", *shown, *rest])


def _bar() -> Bar:
    columns = (TextColumn("{task.description}"), BarColumn(), MofNCompleteColumn())
    return Bar(*columns, TimeRemainingColumn(), console=stderr(), transient=True)
