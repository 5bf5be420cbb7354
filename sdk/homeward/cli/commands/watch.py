"""`homeward watch` keeps what was taken from folders up to date."""

import signal
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from threading import Event
from typing import Annotated

import typer

from homeward.cli.extras import needs
from homeward.cli.listing import AsJson, Row, listed
from homeward.cli.options import options
from homeward.cli.render import plain, stderr, stdout
from homeward.cli.unlock import opened
from homeward.errors import InvalidArgument
from homeward.personalization.watching import Looked, Watching
from homeward_store import Origin, WatchedFile, WatchedFolder

_MOST_SHOWN = 10


def watch(
    context: typer.Context,
    folder: Annotated[
        Path | None, typer.Argument(help="The folder to watch; without it, all that you added.")
    ] = None,
    *,
    mine: Annotated[
        bool, typer.Option("--mine", help="You wrote its texts, so they count as your own words.")
    ] = False,
    i_am: Annotated[
        str | None, typer.Option("--i-am", help="Your name in its chats, whose messages are yours.")
    ] = None,
    forget_deleted: Annotated[
        bool,
        typer.Option(
            "--forget-deleted",
            help="Forget what a file gave when you delete the file; the same sentences elsewhere"
            " go, too.",
        ),
    ] = False,
    once: Annotated[bool, typer.Option("--once", help="Take in what changed, and end.")] = False,
    list_: Annotated[bool, typer.Option("--list", help="Show what is watched, and end.")] = False,
    end: Annotated[
        bool, typer.Option("--end", help="Watch this folder no more; what came from it stays.")
    ] = False,
    as_json: AsJson = False,
    on_battery: Annotated[
        bool, typer.Option("--on-battery", help="Go on while the machine runs on its battery.")
    ] = False,
) -> None:
    """
    Watch a folder: new and changed files come in, as `homeward memories import` takes them.

    Runs until Ctrl-C, and holds the profile until then. What changed while nothing watched is taken
    in at the start. Nothing is watched that you did not add.
    """
    if end and folder is None:
        raise InvalidArgument("name the folder that is not to be watched any more")
    with opened(options(context)) as assistant:
        watching = assistant.watching
        if folder is not None and end:
            watching.remove(folder)
        elif folder is not None and not list_:
            watching.add(folder, mine=mine, i_am=i_am, forgets=forget_deleted)
        if list_ or end:
            _show(watching, as_json=as_json)
        elif not watching.all():
            raise InvalidArgument("no folder is watched yet; name one: homeward watch FOLDER")
        elif once:
            watching.catch_up(told=_tell)
        else:
            _run(watching, on_battery=on_battery)


def _run(watching: Watching, *, on_battery: bool) -> None:
    with needs("watch"):
        from homeward.importing.watching import power, wakeups  # noqa: F401  said here if missing
    with _interrupted() as stop:
        count = len(watching.all())
        stderr().print(f"Watching {count} {'folder' if count == 1 else 'folders'}; Ctrl-C ends it.")
        watching.run(stop, told=_tell, quiet=bool if on_battery else power.on_battery)
    stderr().print("Ended. `homeward watch` takes in what changes from now on.")


@contextmanager
def _interrupted() -> Iterator[Event]:
    """Let Ctrl-C set an event, so that the batch that is being written comes to its end."""
    stop = Event()
    before = signal.signal(signal.SIGINT, lambda *_: stop.set())
    try:
        yield stop
    finally:
        signal.signal(signal.SIGINT, before)


def _tell(looked: Looked) -> None:
    """Say what came of a look, if anything did."""
    if not looked.there:
        stderr().print(plain(f"{looked.folder.path}: it is not there, or may not be read."))
    for name, taken in looked.taken:
        left = f", left out: {taken.left_out_count}" if taken.left_out_count else ""
        stdout().print(plain(f"{name}: memories: {taken.memories}{left}."))
        for one in taken.left_out[:_MOST_SHOWN]:
            stdout().print(plain(f"Left out: {one}."))
    for receipt in looked.receipts:
        stdout().print(plain(f"Forgotten with its file; receipt {receipt.id}."))


def _show(watching: Watching, *, as_json: bool) -> None:
    watched = [(one, watching.files(one)) for one in watching.all()]
    listed((_row(*one) for one in watched), as_json=as_json, nothing="No folder is watched.")
    for _, files in [] if as_json else watched:
        for file in files:
            if file.left_out:
                stdout().print(plain(f"Left out of {file.name}: {file.left_out} ({file.why})."))


def _row(folder: WatchedFolder, files: Sequence[WatchedFile]) -> Row:
    return {
        "folder": folder.path,
        "mine": folder.origin is Origin.PERSON,
        "since": folder.since,
        "looked_through": folder.looked_at,
        "files": len(files),
        "left_out": sum(file.left_out for file in files),
        "forget_deleted": folder.forgets,
    }
