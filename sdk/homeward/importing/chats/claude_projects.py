"""
Reads what Claude exports beside its chats: projects with their documents, and what it remembers.

Source: the format has no specification; this reads what exports since 2025 hold.
"""

from collections.abc import Iterator, Mapping
from datetime import datetime
from typing import Any

from homeward.importing import texts
from homeward.importing.chats.json_records import OtherValue, records
from homeward.importing.chats.json_values import id_in, list_in, map_in, text_in
from homeward.importing.items import CLAUDE, Document, Item, LeftOut, digest_of
from homeward.importing.reading.unicode_input import Bytes
from homeward.importing.reading.work_limits import Work
from homeward.importing.storable import parse_time
from homeward_store import Origin

_WRITTEN = (("description", "its description"), ("prompt_template", "its instructions"))


def is_known(element: object) -> bool:
    """Return whether an element of a list is a project, or what Claude remembers."""
    names = map_in(element).keys()
    return bool({"docs", "prompt_template", "conversations_memory", "project_memories"} & names)


def items(element: Mapping[str, Any], where: str) -> Iterator[Item]:
    """Yield what the person wrote of a project, its documents, or what Claude remembers of them."""
    if "conversations_memory" in element or "project_memories" in element:
        yield from _memories(element, where)
        return
    yield from _written(element, where)
    for number, one in enumerate(list_in(element.get("docs")), 1):
        yield from _document(map_in(one), number, element, where)


def single(file: Bytes, *, name: str, work: Work) -> Iterator[Item]:
    """
    Yield what a file with one project holds.

    Raises:
        ImportCorrupt: as `json_records.records`.
    """
    project, number = dict[str, Any](), 0
    for one in records(file, list_name="docs", name=name, work=work):
        if isinstance(one, OtherValue):
            if len(one.path) == 1:
                project[one.path[0]] = one.value
        elif one.refused:
            yield LeftOut(name, one.refused)
        else:
            number += 1
            yield from _document(map_in(one.value), number, project, name)
    yield from _written(project, name)


def _written(project: Mapping[str, Any], where: str) -> Iterator[Item]:
    """Yield what the person wrote of a project."""
    known, at = id_in(project.get("uuid")) or where, parse_time(project.get("created_at"))
    for key, what in _WRITTEN:
        title = f"{_title(project, where)}, {what}"
        yield from _parts((known, key), title, project.get(key), at, Origin.PERSON)


def _document(
    document: Mapping[str, Any], number: int, project: Mapping[str, Any], where: str
) -> Iterator[Item]:
    text, called = document.get("content"), text_in(document.get("filename"))
    if not text_in(text).strip():
        yield LeftOut(f"{where}, document {number}", "the export holds no text of it")
        return
    known = (id_in(project.get("uuid")) or where, id_in(document.get("uuid")) or str(number))
    title = f"{_title(project, where)}, {called or f'document {number}'}"
    at = parse_time(document.get("created_at")) or parse_time(project.get("created_at"))
    yield from _parts(known, title, text, at, None)


def _title(project: Mapping[str, Any], where: str) -> str:
    name = text_in(project.get("name"))
    return f"project {name}" if name else where


def _memories(element: Mapping[str, Any], where: str) -> Iterator[Item]:
    account, found = id_in(element.get("account_uuid")), False
    told = {"": element.get("conversations_memory"), **map_in(element.get("project_memories"))}
    for key, text in told.items():
        title = "what Claude remembers of a project" if key else "what Claude remembers"
        known = (account, "memory", key, text_in(text))
        for item in _parts(known, title, text, None, Origin.ASSISTANT):
            found = True
            yield item
    if not found:
        yield LeftOut(where, "it holds no text")


def _parts(
    known: tuple[str, ...], title: str, text: object, at: datetime | None, origin: Origin | None
) -> Iterator[Document]:
    for start, part in texts.parts([text_in(text)]):
        called = f"{title}, from character {start}" if start else title
        yield Document(digest_of(CLAUDE, *known, str(start)), called, part, at, origin)
