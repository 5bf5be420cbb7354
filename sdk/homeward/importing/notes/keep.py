"""
Reads notes of Google Keep, as Google Takeout exports them: a file of JSON for each.

Source: the format has no specification; this reads what Takeout writes since 2018.
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from datetime import datetime

from homeward.errors import UnknownFormat
from homeward.importing import texts
from homeward.importing.chats.json_array import Element
from homeward.importing.chats.json_records import records
from homeward.importing.chats.json_values import text_in
from homeward.importing.documents.cut_document import CutDocument, sha256_of
from homeward.importing.items import Item, LeftOut
from homeward.importing.named_file import NamedFile
from homeward.importing.reading.work_limits import Work
from homeward.importing.storable import parse_time

NAMES = frozenset(("textContent", "listContent", "userEditedTimestampUsec", "isTrashed"))
_LIST = "listContent"


def documents(source: NamedFile) -> Iterator[Item]:
    """
    Yield the note; one in the trash is left out.

    Raises:
        UnknownFormat: it is no note of Keep. As `json_records.records`.
    """
    sha256 = sha256_of(source.file)
    note = _read(source)
    if not NAMES & note.facts.keys() and not note.entries:
        raise UnknownFormat(f"{source.name}: it is no note of Google Keep")
    if note.facts.get("isTrashed") is True:
        yield LeftOut(source.name, "it lies in the trash")
        return
    title, tags = text_in(note.facts.get("title")), ", ".join(filter(None, note.labels))
    text = "\n".join(filter(None, [text_in(note.facts.get("textContent")), *note.entries]))
    name = f"{source.name}: {title}" if title else source.name
    whole = CutDocument(sha256, f"{name} (tags: {tags})" if tags else name, _time(note.facts))
    found = list(texts.parts(["\n\n".join(filter(None, (title, text)))]))
    for start, part in found:
        yield whole.part(f"from character {start}" if start else "", part)
    if not found:
        yield LeftOut(source.name, "it is a note without text")


@dataclass(slots=True)
class _Note:
    """What a note consists of."""

    facts: dict[str, object] = field(default_factory=dict)
    entries: list[str] = field(default_factory=list)
    labels: list[str] = field(default_factory=list)


def _read(source: NamedFile) -> _Note:
    note, work = _Note(), Work(source.name)
    for one in records(source.file, list_name=_LIST, name=source.name, work=work):
        if isinstance(one, Element):
            note.entries.append(_entry(one))
        elif one.path[:1] == ("labels",):
            note.labels.append(text_in(one.value))
        elif len(one.path) == 1:
            note.facts[one.path[0]] = one.value
    return note


def _entry(one: Element) -> str:
    value = one.value if isinstance(one.value, dict) else {}
    text = text_in(value.get("text"))
    return f"- [{'x' if value.get('isChecked') is True else ' '}] {text}" if text else ""


def _time(facts: Mapping[str, object]) -> datetime | None:
    for key in ("userEditedTimestampUsec", "createdTimestampUsec"):
        value = facts.get(key)
        if isinstance(value, int) and not isinstance(value, bool):
            return parse_time(value / 1e6)
    return None
