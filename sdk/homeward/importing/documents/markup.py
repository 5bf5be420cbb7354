"""
Finds the paragraphs in the XML of text documents and slides; the same for all their formats.

Sources: ECMA-376 (WordprocessingML 17, DrawingML 21); OASIS OpenDocument 1.3, part 3.
"""

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field

from homeward.importing.documents.xml_events import End, Event, Start

_MOST_SPACES = 100  # that one element stands for


@dataclass(frozen=True, slots=True)
class Markup:
    """The names of the elements that say what is what; without their namespaces."""

    paragraphs: frozenset[str]
    cells: frozenset[str]
    rows: frozenset[str]
    skipped: frozenset[str]  # what is in these nobody reads in the document
    texts: frozenset[str] | None = None  # text counts within these; None: anywhere in a paragraph
    signs: Mapping[str, str] = field(default_factory=dict)  # elements that stand for a character


WORD = Markup(
    paragraphs=frozenset(("p",)),
    cells=frozenset(("tc",)),
    rows=frozenset(("tr",)),
    skipped=frozenset(("Fallback", "del", "moveFrom")),  # a second form for old programs; deleted
    texts=frozenset(("t",)),
    signs={"tab": "\t", "br": "\n", "cr": "\n", "noBreakHyphen": "-"},
)
OPEN_DOCUMENT = Markup(
    paragraphs=frozenset(("p", "h")),
    cells=frozenset(("table-cell", "covered-table-cell")),
    rows=frozenset(("table-row",)),
    skipped=frozenset(("tracked-changes", "annotation", "note-citation", "ruby-text")),
    signs={"tab": "\t", "line-break": "\n", "s": " "},
)


def paragraphs(events: Iterable[Event], markup: Markup) -> Iterator[str]:
    """Yield each paragraph that is not empty, and each row of a table as one, its cells joined."""
    reading = _Reading(markup)
    for event in events:
        match event:
            case Start():
                reading.start(event)
            case End():
                yield from reading.end(event.name)
            case _:
                reading.text(event)


class _Reading:
    """What is open: elements that are skipped, paragraphs in paragraphs, rows in rows."""

    def __init__(self, markup: Markup) -> None:
        self._markup = markup
        self._skipped = self._texts = self._rows = 0
        self._open: list[list[str]] = []
        self._cells: list[str] = []
        self._cell: list[str] = []

    def start(self, event: Start) -> None:
        """Begin an element."""
        name, markup = event.name, self._markup
        if self._skipped or name in markup.skipped:
            self._skipped += 1
        elif name in markup.paragraphs:
            self._open.append([])
        elif name in markup.rows:
            self._rows += 1
        elif name in markup.signs and self._open:
            count = event.attributes.get(":c", "1")
            times = int(count) if count.isascii() and count.isdigit() and len(count) < 4 else 1
            self._open[-1].append(markup.signs[name] * min(times, _MOST_SPACES))
        self._texts += markup.texts is not None and name in markup.texts

    def text(self, text: str) -> None:
        """Add a stretch of text."""
        counts = self._markup.texts is None or self._texts
        if self._open and counts and not self._skipped:
            self._open[-1].append(text)

    def end(self, name: str) -> Iterator[str]:
        """End an element; yield what became whole with it."""
        markup = self._markup
        self._texts -= markup.texts is not None and name in markup.texts
        if self._skipped:
            self._skipped -= 1
        elif name in markup.paragraphs and self._open:
            yield from self._whole("".join(self._open.pop()).strip())
        elif name in markup.cells and self._rows == 1:
            self._cells.append(" ".join(self._cell))
            self._cell = []
        elif name in markup.rows and self._rows:
            yield from self._row()

    def _whole(self, text: str) -> Iterator[str]:
        if text and self._rows:
            self._cell.append(text)
        elif text:
            yield text

    def _row(self) -> Iterator[str]:
        self._rows -= 1
        if not self._rows:
            cells = [*self._cells, " ".join(self._cell)]
            self._cells, self._cell = [], []
            if row := "; ".join(filter(None, cells)):
                yield row
