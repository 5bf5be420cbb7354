"""
Makes text safe for the terminal, wraps it and lays it out in tables.

Everything that a model, a memory or a file says goes through `harmless`: a terminal obeys control
characters, and text that came from elsewhere must not be able to give it orders.
"""

import io
import re
import sys
from collections.abc import Iterable, Sequence
from datetime import datetime

from rich.cells import cell_len
from rich.console import Console
from rich.panel import Panel
from rich.table import Table
from rich.text import Text

from homeward.text.local_time import local_time
from homeward_store import RecoveryCode

_SHOWN = {
    **{code: 0x2400 + code for code in range(0x20) if chr(code) not in "\n\t\r"},  # ␛ for escape
    0x7F: 0x2421,
    **dict.fromkeys(range(0x80, 0xA0), 0xFFFD),  # C1: some terminals take them for escapes
    # Overrides and isolates reorder what is on the line, so that it reads as something else.
    **dict.fromkeys((*range(0x202A, 0x202F), *range(0x2066, 0x206A)), 0xFFFD),
    **dict.fromkeys(range(0xD800, 0xE000), 0xFFFD),  # lone surrogates cannot be written at all
    ord("\r"): None,  # would let a line overwrite itself
}


def harmless(text: str) -> str:
    """Return `text` with control, bidirectional-override and unpaired characters made visible."""
    return text.translate(_SHOWN)


def plain(text: str, style: str = "") -> Text:
    """Return `text` as rich text that is neither markup nor a command to the terminal."""
    return Text(harmless(text), style=style)


def one_line(text: str, *, width: int = 100) -> Text:
    """Return the beginning of `text` on one line."""
    folded = " ".join(text.split())
    return plain(folded if len(folded) <= width else folded[: width - 1] + "…")


def day(at: datetime) -> str:
    """Return the date of a stored time where the person is: the store keeps UTC."""
    return f"{local_time(at):%Y-%m-%d}"


def minute(at: datetime) -> str:
    """Return the date and time of day where the person is."""
    return f"{local_time(at):%Y-%m-%d %H:%M}"


def show_once(code: RecoveryCode, person: str) -> None:
    """Show a recovery code, which nobody can show again."""
    shown = plain(code.reveal(), style="bold")
    title = f"Recovery code of {person}"
    stdout().print(Panel(shown, title=title, expand=False, padding=(1, 4)))
    stdout().print(
        "Write it down now: it is shown this once. If you lose the passphrase, only this "
        "code opens the profile."
    )


def stdout() -> Console:
    """Where answers go."""
    return Console(highlight=False, markup=False, emoji=False)


def stderr() -> Console:
    """Where everything goes that is not an answer: questions, progress, errors."""
    return Console(stderr=True, highlight=False, markup=False, emoji=False)


def table(columns: Sequence[str], rows: Iterable[Sequence[str | Text]]) -> Table:
    """Return a plain table; strings in it are made harmless."""
    made = Table(box=None, pad_edge=False, header_style="bold", show_edge=False)
    for column in columns:
        made.add_column(column, overflow="fold")
    for row in rows:
        made.add_row(*(cell if isinstance(cell, Text) else plain(cell) for cell in row))
    return made


def write_raw(text: str) -> None:
    """Write a piece of an answer to standard output at once, without wrapping it."""
    sys.stdout.write(harmless(text))
    sys.stdout.flush()


def replace_what_the_terminal_lacks() -> None:
    """
    Show "?" for characters that the terminal's encoding lacks, such as most of them in cp1252.

    A command must not fail for them, least of all after it has stored something.
    """
    for stream in (sys.stdout, sys.stderr):
        if isinstance(stream, io.TextIOWrapper):
            stream.reconfigure(errors="replace")


class Flow:
    """Writes a stream of text to a console, breaking lines between words."""

    def __init__(self, console: Console, *, column: int = 0, style: str = "") -> None:
        self._console = console
        self._style = style
        self._column = column  # where the cursor stands
        self._gap = ""  # white space that is written only if a word follows on the line
        self._word = ""  # what has come of a word that may go on

    def write(self, piece: str) -> None:
        """Take the next piece of text."""
        for part in re.findall(r"\n|[^\S\n]+|\S+", harmless(piece)):
            if part == "\n":
                self._place_word()
                self._out("\n")
                self._column, self._gap = 0, ""
            elif part.isspace():
                self._place_word()
                self._gap += part
            else:
                self._word += part

    def end(self) -> None:
        """Write what is left and end the line."""
        self._place_word()
        self._out("\n")
        self._column = 0

    def _place_word(self) -> None:
        if not self._word:
            return
        wide = cell_len(self._gap + self._word)
        if self._column and self._column + wide >= self._console.width:
            self._out("\n")
            self._column, self._gap = 0, ""
        self._out(self._gap + self._word)
        self._column += cell_len(self._gap + self._word)
        self._gap = self._word = ""

    def _out(self, text: str) -> None:
        self._console.print(Text(text, style=self._style), end="", soft_wrap=True)
