"""Reads OpenDocument (.odt, .odp, .ods): paragraphs and rows; not comments and deleted text."""

from collections.abc import Iterator

from homeward.errors import ImportCorrupt
from homeward.importing.documents.cut_document import CutDocument, sha256_of
from homeward.importing.documents.markup import OPEN_DOCUMENT, paragraphs
from homeward.importing.documents.word import changed_in
from homeward.importing.documents.xml_events import events
from homeward.importing.items import Item
from homeward.importing.named_file import NamedFile
from homeward.importing.reading.packed import OpenedZip
from homeward.importing.reading.work_limits import Work

_MANIFEST = "META-INF/manifest.xml"
_LOCKED = b"encryption-data"


def documents(packed: OpenedZip, source: NamedFile) -> Iterator[Item]:
    """
    Yield the text of a document, in parts that say at which paragraph they begin.

    Raises:
        ImportCorrupt: it is locked, damaged, or built to keep a reader busy.
    """
    if _MANIFEST in packed.names and _LOCKED in packed.whole(_MANIFEST).read():
        raise ImportCorrupt(f"{source.name}: it is locked; save a copy without a password")
    work = Work(source.name)
    written_at = changed_in(packed, "meta.xml", work) or source.changed_at
    whole = CutDocument(sha256_of(source.file), source.name, written_at)
    with packed.open("content.xml") as file:
        found = paragraphs(events(file, name=source.name, work=work), OPEN_DOCUMENT)
        numbered = ((f"paragraph {number}", text) for number, text in enumerate(found, 1))
        yield from whole.parts(numbered)
