"""Reads slides of PowerPoint (.pptx): of each its text and its speaker's notes."""

import posixpath
from collections.abc import Iterator

from homeward.importing.documents.cut_document import CutDocument, sha256_of
from homeward.importing.documents.markup import WORD, paragraphs
from homeward.importing.documents.word import changed_in
from homeward.importing.documents.xml_events import Start, events
from homeward.importing.items import Item, LeftOut
from homeward.importing.named_file import NamedFile
from homeward.importing.reading.packed import OpenedZip
from homeward.importing.reading.work_limits import Work
from homeward.importing.texts import parts

_PRESENTATION = "ppt/presentation.xml"
_CORE = "docProps/core.xml"


def documents(packed: OpenedZip, source: NamedFile) -> Iterator[Item]:
    """
    Yield the text of each slide, in the order in which they are shown.

    Raises:
        ImportCorrupt: it is damaged, or built to keep a reader busy.
    """
    work = Work(source.name)
    written_at = changed_in(packed, _CORE, work) or source.changed_at
    whole = CutDocument(sha256_of(source.file), source.name, written_at)
    for number, slide in enumerate(list(_slides(packed, work)), 1):
        place, texts = f"slide {number}", list(_texts(packed, slide, work))
        for related in related_parts(packed, slide, work).values():
            if "/notesSlides/" in related:
                texts.extend(_texts(packed, related, work))
        if not texts:
            yield LeftOut(f"{source.name}, {place}", "it has no text, only pictures if any")
        for start, part in parts(["\n".join(texts)]):
            yield whole.part(f"{place}, from character {start}" if start else place, part)


def _slides(packed: OpenedZip, work: Work) -> Iterator[str]:
    related = related_parts(packed, _PRESENTATION, work)
    with packed.open(_PRESENTATION) as file:
        for event in events(file, name=packed.name, work=work):
            if isinstance(event, Start) and event.name == "sldId":
                yield related.get(event.attributes.get(":id", ""), "")


def _texts(packed: OpenedZip, part: str, work: Work) -> Iterator[str]:
    if part in packed.names:
        with packed.open(part) as file:
            yield from paragraphs(events(file, name=packed.name, work=work), WORD)


def related_parts(packed: OpenedZip, part: str, work: Work) -> dict[str, str]:
    """Return the parts that a part names, by the ids that it names them with."""
    folder, name = posixpath.split(part)
    list_of = f"{folder}/_rels/{name}.rels"
    if list_of not in packed.names:
        return {}
    found = dict[str, str]()
    with packed.open(list_of) as file:
        for event in events(file, name=packed.name, work=work):
            if isinstance(event, Start) and event.name == "Relationship":
                target = event.attributes.get("Target", "")
                path = posixpath.normpath(posixpath.join(folder, target)).lstrip("/")
                found[event.attributes.get("Id", "")] = path
    return found
