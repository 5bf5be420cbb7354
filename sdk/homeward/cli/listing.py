"""Shows what a command found: to people as a table, with `--json` to programs as a list."""

import json
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Annotated

import typer
from rich.text import Text

from homeward.cli.render import day, stderr, stdout, table

AsJson = Annotated[
    bool, typer.Option("--json", help="Print a JSON list of objects, for other programs.")
]

Value = str | int | float | bool | datetime | Sequence[str] | Sequence[int] | None


@dataclass(frozen=True, slots=True)
class Shown:
    """A value that a table shows in other words."""

    value: Value
    as_text: str | Text


Row = Mapping[str, Value | Shown]
"""What was found, by column; the columns' names are the JSON's, and the table's headings."""


def listed(rows: Iterable[Row], *, as_json: bool, nothing: str = "None.") -> None:
    """
    Print what was found. Times are ISO 8601 in UTC as JSON, and local dates in a table.

    Where nothing was found, JSON is an empty list; a person reads `nothing` on standard error.
    """
    found = list(rows)
    if as_json:
        print(json.dumps([_record(row) for row in found], indent=1))  # noqa: T201  never wrapped
    elif found:
        headings = [name.replace("_", " ") for name in found[0]]
        stdout().print(table(headings, ([_cell(one) for one in row.values()] for row in found)))
    else:
        stderr().print(nothing)


def _record(row: Row) -> dict[str, Value]:
    """Return a row as JSON takes it. Its ASCII leaves a terminal nothing to obey."""
    values = {name: one.value if isinstance(one, Shown) else one for name, one in row.items()}
    return {
        name: one.isoformat() if isinstance(one, datetime) else one for name, one in values.items()
    }


def _cell(value: Value | Shown) -> str | Text:
    if isinstance(value, Shown):
        return value.as_text
    if isinstance(value, datetime):
        return day(value)
    if isinstance(value, bool):
        return "yes" if value else "no"
    if value is None or isinstance(value, str | int | float):
        return "" if value is None else str(value)
    return " ".join(map(str, value))
