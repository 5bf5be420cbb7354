"""
Reads tables in text (CSV): each row becomes a line that says what stands in which column.

Source: RFC 4180; Excel's own ways, which are semicolons where commas part decimals, and a first
line "sep=;".
"""

import csv
import io
from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from typing import BinaryIO

from homeward.errors import ImportCorrupt
from homeward.importing.documents.cut_document import CutDocument, sha256_of
from homeward.importing.items import Item
from homeward.importing.mail.charsets import looks_like
from homeward.importing.named_file import NamedFile
from homeward.importing.reading.unicode_input import encoding_of
from homeward.importing.reading.work_limits import Work

LONGEST_LINE = 1 << 20  # characters
_SAMPLE = 64 << 10  # bytes of which the encoding is judged
_BLOCK = 1 << 18
_BETWEEN = ",;\t|"

Row = Sequence[str]


def documents(source: NamedFile) -> Iterator[Item]:
    """
    Yield the rows of a table, as many in one document as fit.

    Raises:
        ImportCorrupt: a line is longer than a million characters, or a field than 131,072; it holds
            NUL, or is built to keep a reader busy.
    """
    whole = CutDocument(sha256_of(source.file), source.name, source.changed_at)
    text = io.TextIOWrapper(
        source.file, encoding=_encoding(source.file), errors="replace", newline=""
    )
    try:
        yield from whole.parts(described(_rows(text, source.name)))
    except csv.Error:
        raise ImportCorrupt(
            f"{source.name}: it is no table in text, or a field is too long"
        ) from None
    finally:
        text.detach()  # or the file would be closed with it


def described(rows: Iterable[tuple[int, Row]]) -> Iterator[tuple[str, str]]:
    """Yield the place of each numbered row that holds something, and what stands in it."""
    names: Row | None = None
    for number, row in rows:
        if not any(map(str.strip, row)):
            continue
        if names is None:
            names = row if _is_heading(row) else ()
            if names:
                continue
        yield f"row {number}", "; ".join(_cells(row, names))


def _cells(row: Row, names: Row) -> Iterator[str]:
    for number, cell in enumerate(row):
        value = " ".join(cell.split())
        if value:
            name = " ".join(names[number].split()) if number < len(names) else ""
            yield f"{name}: {value}" if name else value


def _is_heading(row: Row) -> bool:
    """Return whether a first row names the columns: words, no two alike, and no numbers."""
    cells = [cell.strip() for cell in row if cell.strip()]
    worded = all(any(map(str.isalpha, cell)) and len(cell) <= 60 for cell in cells)
    distinct = len(set(cells)) == len(cells) > 1
    return worded and distinct and len(cells) > len(row) // 2


def _rows(text: io.TextIOWrapper, name: str) -> Iterator[tuple[int, Row]]:
    work = Work(name)
    lines = _lines(text, name, work)
    first = next(lines, "")
    if first.lower().startswith("sep=") and len(first.strip()) == len("sep=;"):
        mark, first = first[4], next(lines, "")
    else:
        mark = _mark(first)
    if not first:
        return
    for number, row in enumerate(csv.reader(_chained(first, lines), delimiter=mark), 1):
        work.spend(len(row))
        yield number, row


def _chained(first: str, lines: Iterator[str]) -> Iterator[str]:
    yield first
    yield from lines


def _lines(text: io.TextIOWrapper, name: str, work: Work) -> Iterator[str]:
    while line := text.readline(LONGEST_LINE):
        if len(line) == LONGEST_LINE:
            raise ImportCorrupt(f"{name}: a line is longer than {LONGEST_LINE} characters")
        if "\0" in line:
            raise ImportCorrupt(f"{name}: it holds NUL, so it is no text")
        work.read(len(line))
        yield line


def _mark(line: str) -> str:
    """Return what stands between the columns: the most frequent outside of quotes."""
    bare = "".join(line.split('"')[::2])
    counts = Counter(one for one in bare if one in _BETWEEN)
    return counts.most_common(1)[0][0] if counts else ","


def _encoding(file: BinaryIO) -> str:
    """Return the encoding of a table: Unicode if it is valid, else what fits its first bytes."""
    head = file.read(_SAMPLE)
    file.seek(0)
    encoding, mark = encoding_of(head)
    if encoding != "utf-8":
        return encoding.removesuffix("-le").removesuffix("-be") if mark else encoding
    if mark or _is_utf8(file):
        return "utf-8-sig"
    return looks_like(head) or "cp1252"


def _is_utf8(file: BinaryIO) -> bool:
    reading = io.TextIOWrapper(file, encoding="utf-8", newline="")
    try:
        while reading.read(_BLOCK):
            pass
    except UnicodeDecodeError:
        return False
    finally:
        reading.detach()
        file.seek(0)
    return True
