"""Reads documents of Word (.docx): paragraphs, tables and footnotes; not others' comments."""

from collections import Counter
from collections.abc import Iterator
from datetime import datetime

from homeward.importing.documents.cut_document import CutDocument, sha256_of
from homeward.importing.documents.markup import WORD, paragraphs
from homeward.importing.documents.xml_events import Event, Start, events
from homeward.importing.items import Item, LeftOut
from homeward.importing.named_file import NamedFile
from homeward.importing.reading.packed import OpenedZip
from homeward.importing.reading.work_limits import Work
from homeward.importing.storable import parse_time

_PARTS = ("word/document.xml", "word/footnotes.xml", "word/endnotes.xml")
_CORE = "docProps/core.xml"


def documents(packed: OpenedZip, source: NamedFile) -> Iterator[Item]:
    """
    Yield the text of a document, in parts that say at which paragraph they begin.

    Raises:
        ImportCorrupt: it is damaged, or built to keep a reader busy.
    """
    work, seen = Work(source.name), Counter[str]()
    written_at = changed_in(packed, _CORE, work) or source.changed_at
    whole = CutDocument(sha256_of(source.file), source.name, written_at)
    found = (text for part in _PARTS for text in _paragraphs(packed, part, work, seen))
    yield from whole.parts((f"paragraph {number}", text) for number, text in enumerate(found, 1))
    for element, what in (("commentReference", "comments"), ("drawing", "pictures and drawings")):
        if seen[element]:
            yield LeftOut(source.name, f"{what}, which are not read: {seen[element]}")


def _paragraphs(packed: OpenedZip, part: str, work: Work, seen: Counter[str]) -> Iterator[str]:
    if part in packed.names:
        with packed.open(part) as file:
            inside = _counted(events(file, name=packed.name, work=work), seen)
            yield from paragraphs(inside, WORD)


def _counted(found: Iterator[Event], seen: Counter[str]) -> Iterator[Event]:
    for event in found:
        if isinstance(event, Start) and event.name in ("commentReference", "drawing"):
            seen[event.name] += 1
        yield event


def changed_in(packed: OpenedZip, part: str, work: Work) -> datetime | None:
    """Return when a document says that it was changed last, else made."""
    if part not in packed.names:
        return None
    times, inside = dict[str, str](), ""
    with packed.open(part) as file:
        for event in events(file, name=packed.name, work=work):
            if isinstance(event, Start):
                inside = event.name
            elif isinstance(event, str) and event.strip():
                times.setdefault(inside, event.strip())
    said = (times.get(one, "") for one in ("modified", "date", "created", "creation-date"))
    return next(filter(None, map(parse_time, said)), None)
