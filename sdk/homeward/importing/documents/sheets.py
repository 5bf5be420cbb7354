"""
Reads tables of Excel (.xlsx): each row of each sheet says what stands in which column.

Of a formula, what it came to when the file was saved is read.

Source: ECMA-376, part 1, SpreadsheetML (18); 18.8.30 for which formats are days and times.
"""

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from homeward.importing.documents.cut_document import CutDocument, sha256_of
from homeward.importing.documents.slides import related_parts
from homeward.importing.documents.table import described
from homeward.importing.documents.word import changed_in
from homeward.importing.documents.xml_events import End, Event, Start, events
from homeward.importing.items import Item
from homeward.importing.named_file import NamedFile
from homeward.importing.reading.packed import OpenedZip
from homeward.importing.reading.work_limits import Work

_WORKBOOK, _STRINGS, _STYLES = "xl/workbook.xml", "xl/sharedStrings.xml", "xl/styles.xml"
_CORE = "docProps/core.xml"
_COLUMN = re.compile(r"([A-Z]{1,3})\d")
_MOST_COLUMNS = 1000  # a row of Excel has 16,384, and one cell in the last makes them all
_DAYS = frozenset((*range(14, 23), *range(27, 37), *range(45, 48), *range(50, 59)))
_QUOTED = re.compile(r'"[^"]*"|\[[^\]]*\]|\\.')  # of a format, what is shown as it is
_FIRST_DAYS = (datetime(1899, 12, 30), datetime(1904, 1, 1))


@dataclass(slots=True)
class _Workbook:
    """What all sheets share."""

    strings: Sequence[str]
    dated: Sequence[bool]  # by the number of a style
    first_day: datetime


def documents(packed: OpenedZip, source: NamedFile) -> Iterator[Item]:
    """
    Yield the rows of each sheet, as many in one document as fit.

    Raises:
        ImportCorrupt: it is damaged, or built to keep a reader busy.
    """
    work = Work(source.name)
    written_at = changed_in(packed, _CORE, work) or source.changed_at
    sha256 = sha256_of(source.file)
    sheets, since_1904 = _sheets(packed, work)
    shared = _Workbook(
        list(_strings(packed, work)), list(_dated(packed, work)), _FIRST_DAYS[since_1904]
    )
    for number, (name, part) in enumerate(sheets, 1):
        if part in packed.names:
            title = f"{source.name}, sheet {number}: {name}"
            whole = CutDocument(f"{sha256} {number}", title, written_at)
            yield from whole.parts(described(_rows(packed, part, shared, work)))


def _read(packed: OpenedZip, part: str, work: Work) -> Iterator[Event]:
    if part in packed.names:
        with packed.open(part) as file:
            yield from events(file, name=packed.name, work=work)


def _sheets(packed: OpenedZip, work: Work) -> tuple[list[tuple[str, str]], bool]:
    related = related_parts(packed, _WORKBOOK, work)
    found, since_1904 = list[tuple[str, str]](), False
    for event in _read(packed, _WORKBOOK, work):
        if isinstance(event, Start) and event.name == "sheet":
            part = related.get(event.attributes.get(":id", ""), "")
            found.append((event.attributes.get("name", ""), part))
        elif isinstance(event, Start) and event.name == "workbookPr":
            since_1904 = event.attributes.get("date1904") in ("1", "true")
    return found, since_1904


def _strings(packed: OpenedZip, work: Work) -> Iterator[str]:
    """Yield the texts that cells name by their number, without how they are to be read aloud."""
    said, spoken, inside = list[str](), 0, False
    for event in _read(packed, _STRINGS, work):
        if isinstance(event, str):
            if inside and not spoken:
                said.append(event)
            continue
        begins = isinstance(event, Start)
        spoken += (1 if begins else -1) * (event.name == "rPh")
        inside = begins if event.name == "t" else inside
        if event.name == "si" and not begins:
            yield "".join(said)
            said = []


def _dated(packed: OpenedZip, work: Work) -> Iterator[bool]:
    """Yield of each style whether it shows numbers as days or times."""
    own, within = dict[str, str](), False
    for event in _read(packed, _STYLES, work):
        if isinstance(event, Start) and event.name == "numFmt":
            own[event.attributes.get("numFmtId", "")] = event.attributes.get("formatCode", "")
        elif not isinstance(event, str) and event.name == "cellXfs":
            within = isinstance(event, Start)
        elif isinstance(event, Start) and event.name == "xf" and within:
            known = event.attributes.get("numFmtId", "0")
            bare = _QUOTED.sub("", own.get(known, "")).lower()
            yield any(one in bare for one in "ymdhs") or (known.isdigit() and int(known) in _DAYS)


def _rows(
    packed: OpenedZip, part: str, shared: _Workbook, work: Work
) -> Iterator[tuple[int, Sequence[str]]]:
    row, number = list[str](), 0
    for cell, said in _cells(_read(packed, part, work)):
        if cell.name == "c":
            _put(row, cell, _value(cell, said, shared))
        else:
            yield number, row
            row, number = [], _row_number(cell, number)
    yield number, row


def _cells(found: Iterator[Event]) -> Iterator[tuple[Start, str]]:
    """Yield each row where it begins, and each cell with what is written in it."""
    cell, said, inside = Start("c"), list[str](), False
    for event in found:
        match event:
            case Start(name="row"):
                yield event, ""
            case Start(name="c"):
                cell, said = event, []
            case Start(name="v" | "t") | End(name="v" | "t"):
                inside = isinstance(event, Start)
            case str() if inside:
                said.append(event)
            case End(name="c"):
                yield cell, "".join(said)


def _row_number(event: Start, last: int) -> int:
    said = event.attributes.get("r", "")
    return int(said) if said.isdigit() and len(said) < 8 else last + 1


def _put(row: list[str], cell: Start, value: str) -> None:
    """Put a value where its cell says that it stands, else after the last."""
    found, column = _COLUMN.match(cell.attributes.get("r", "")), 0
    for letter in found[1] if found else "":
        column = column * 26 + ord(letter) - ord("A") + 1
    if not value or column > _MOST_COLUMNS:
        return
    row.extend("" for _ in range(len(row), column - 1))
    row.append(value)


def _value(cell: Start, said: str, shared: _Workbook) -> str:
    kind = cell.attributes.get("t", "n")
    if kind == "s":
        known = said.isdigit() and len(said) < 9 and int(said) < len(shared.strings)
        return shared.strings[int(said)] if known else ""
    if kind == "b":
        return {"1": "yes", "0": "no"}.get(said, said)
    style = cell.attributes.get("s", "0")
    is_dated = style.isdigit() and len(style) < 6 and int(style) < len(shared.dated)
    if kind == "n" and is_dated and shared.dated[int(style)]:
        return _day(said, shared.first_day)
    return "" if kind == "e" else said


def _day(said: str, first: datetime) -> str:
    try:
        days = float(said)
        if 0 <= days < 1:
            return str((first + timedelta(days=days)).time().replace(microsecond=0))
        at = first + timedelta(seconds=round(days * 86_400))
    except (ValueError, OverflowError):
        return said
    return str(at.date()) if at.time() == first.time() else str(at)
