"""
Reads books (.epub): each chapter in the order in which it is read.

Source: EPUB 3.3, chapters 4 (container) and 5 (package document).
"""

import posixpath
import re
from collections.abc import Iterator, Mapping

from homeward.errors import ImportCorrupt, UnknownFormat
from homeward.importing import texts
from homeward.importing.documents.cut_document import CutDocument, sha256_of
from homeward.importing.documents.page import decoded, text_of
from homeward.importing.documents.xml_events import Start, events
from homeward.importing.items import Item, LeftOut
from homeward.importing.named_file import NamedFile
from homeward.importing.reading.packed import OpenedZip
from homeward.importing.reading.work_limits import Work

_CONTAINER, _LOCKS = "META-INF/container.xml", "META-INF/encryption.xml"
_PERCENT = re.compile(rb"%([0-9a-fA-F]{2})")
_PAGES = ("application/xhtml+xml", "text/html")


def documents(packed: OpenedZip, source: NamedFile) -> Iterator[Item]:
    """
    Yield the text of each chapter.

    Raises:
        UnknownFormat: it is no book. ImportCorrupt: it is damaged, or built to keep a reader busy.
    """
    work = Work(source.name)
    title, chapters = _book(packed, work)
    locked = _locked(packed, work)
    name = f"{source.name}: {title}" if title else source.name
    whole = CutDocument(sha256_of(source.file), name, source.changed_at)
    for number, chapter in enumerate(chapters, 1):
        place = f"chapter {number}"
        if chapter in locked:
            yield LeftOut(f"{source.name}, {place}", "its seller locked it (DRM)")
        elif chapter not in packed.names:
            yield LeftOut(f"{source.name}, {place}", "it is missing")
        else:
            data = packed.whole(chapter).read()
            work.read(len(data))
            text = text_of(decoded(data), spend=work.spend)
            for start, part in texts.parts([text]):
                yield whole.part(f"{place}, from character {start}" if start else place, part)


def _book(packed: OpenedZip, work: Work) -> tuple[str, list[str]]:
    """Return a book's title, and the files of its chapters."""
    package = next((one for one in _values(packed, _CONTAINER, "rootfile", "full-path", work)), "")
    if package not in packed.names:
        raise UnknownFormat(f"{packed.name}: it is a zip file, and no book or document is in it")
    folder, files, order = posixpath.dirname(package), dict[str, str](), list[str]()
    title, inside = "", ""
    with packed.open(package) as file:
        for event in events(file, name=packed.name, work=work):
            if isinstance(event, Start):
                inside, about = event.name, event.attributes
                if event.name == "item" and _is_chapter(about):
                    path = posixpath.join(folder, _unquoted(about.get("href", "")))
                    files[about.get("id", "")] = posixpath.normpath(path)
                elif event.name == "itemref":
                    order.append(about.get("idref", ""))
            elif isinstance(event, str) and inside == "title" and not title:
                title = " ".join(event.split())
    if not order:
        raise ImportCorrupt(f"{packed.name}: it names no chapters")
    return title, [files[one] for one in order if one in files]


def _is_chapter(about: Mapping[str, str]) -> bool:
    is_contents = "nav" in about.get("properties", "").split()
    return about.get("media-type") in _PAGES and not is_contents


def _values(packed: OpenedZip, part: str, element: str, key: str, work: Work) -> Iterator[str]:
    with packed.open(part) as file:
        for event in events(file, name=packed.name, work=work):
            if isinstance(event, Start) and event.name == element and key in event.attributes:
                yield event.attributes[key]


def _locked(packed: OpenedZip, work: Work) -> set[str]:
    """Return the files that are encrypted; fonts are, in many books that are not locked."""
    if _LOCKS not in packed.names:
        return set()
    return {_unquoted(one) for one in _values(packed, _LOCKS, "CipherReference", "URI", work)}


def _unquoted(path: str) -> str:
    raw = _PERCENT.sub(lambda found: bytes.fromhex(found[1].decode()), path.encode())
    return raw.decode("utf-8", "replace")
