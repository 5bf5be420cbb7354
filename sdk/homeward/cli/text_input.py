"""
Reads a command's text from its argument, standard input or an editor.

An argument stands in the shell's history, and other users of the machine can read it in the list of
processes while the command runs. Standard input and an editor leave it in neither.
"""

import os
import shutil
import stat
import sys
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Annotated, BinaryIO

import click
import typer

from homeward.errors import CannotRead, InvalidArgument

_IN_MEMORY = Path("/dev/shm")  # noqa: S108  a folder of our own, 0700, is made in it
_WAYS = (
    "without it, your editor opens; with -, or without a terminal, it is read from standard input"
)

Text = Annotated[str | None, typer.Argument(help=f"The text; {_WAYS}.")]
Question = Annotated[str | None, typer.Argument(help=f"The question; {_WAYS}.")]
Value = Annotated[str | None, typer.Argument(help=f"The attribute's value; {_WAYS}.")]
What = Annotated[
    str | None,
    typer.Argument(help=f'A memory\'s number, an original ("note 3"), or words; {_WAYS}.'),
]


def given(argument: str | None) -> str:
    """
    Return the text that a command was given, without the line's end that programs put after it.

    Raises:
        InvalidArgument: the editor left nothing, or nothing stood on standard input either.
    """
    if argument not in (None, "-"):
        return str(argument)
    if argument is None and sys.stdin.isatty():
        return edited()
    # Bytes that are not UTF-8 become lone surrogates, which the store refuses by their position.
    text = sys.stdin.buffer.read().decode("utf-8", "surrogateescape")
    if argument is None and not text:
        raise InvalidArgument("no text was given; give it as an argument or on standard input")
    return text.removesuffix("\n").removesuffix("\r")


def standard_input() -> BinaryIO:
    """
    Return standard input to be read as bytes.

    Raises:
        CannotRead: it is a device other than a terminal, which may have no end.
    """
    try:
        mode = os.fstat(sys.stdin.fileno()).st_mode
    except OSError:  # a program has put something else in its place
        return sys.stdin.buffer
    is_device = stat.S_ISCHR(mode) or stat.S_ISBLK(mode)
    if is_device and not sys.stdin.isatty():
        raise CannotRead("standard input: it is a device, and no pipe or file")
    return sys.stdin.buffer


def edited() -> str:
    """
    Let the person write a text in their editor (VISUAL, EDITOR), and return it.

    Guarantees:
        The file, and what the editor put beside it, lay in a folder that only this user can read,
        in memory where there is such a place, and are gone. What an editor keeps elsewhere, such
        as the registers in ~/.viminfo, is the editor's.

    Raises:
        InvalidArgument: nothing was written.
    """
    with _private_folder() as folder:
        file = folder / "text.txt"
        file.touch(mode=0o600)
        click.edit(filename=str(file))
        text = file.read_text(encoding="utf-8", errors="surrogateescape").removesuffix("\n")
    if not text.strip():
        raise InvalidArgument("the text was empty, so nothing was done")
    return text


@contextmanager
def _private_folder() -> Iterator[Path]:
    in_memory = _IN_MEMORY.is_dir() and os.access(_IN_MEMORY, os.W_OK)
    folder = Path(tempfile.mkdtemp(prefix="homeward-", dir=_IN_MEMORY if in_memory else None))
    try:
        yield folder
    finally:
        shutil.rmtree(folder, ignore_errors=True)
