"""
Reads documents that are zip files: Word, PowerPoint, OpenDocument, EPUB, and Excel's tables.

Sources: ECMA-376, part 2 (packages); OpenDocument 1.3, part 2; EPUB 3.3, OCF.
"""

from collections.abc import Callable, Iterator
from contextlib import contextmanager

from homeward.errors import UnknownFormat
from homeward.importing import kinds
from homeward.importing.documents import book, open_document, sheets, slides, word
from homeward.importing.items import Item
from homeward.importing.named_file import NamedFile
from homeward.importing.reading.packed import OpenedZip
from homeward.importing.reading.work_limits import Work

PackedReader = Callable[[OpenedZip, NamedFile], Iterator[Item]]

# A file that lies in all of a kind, and how it is read.
_READERS: dict[str, PackedReader] = {
    "word/document.xml": word.documents,
    "ppt/presentation.xml": slides.documents,
    "xl/workbook.xml": sheets.documents,
    "META-INF/container.xml": book.documents,
    "content.xml": open_document.documents,
}
_BEGINS = b"PK"
_APPLE = ("Index/Document.iwa", "Index.zip", "index.apxl", "index.xml.gz")


def documents(source: NamedFile) -> Iterator[Item]:
    """
    Yield what a document holds.

    Raises:
        UnknownFormat: it is no document that is read. As its reader, and as `OpenedZip`.
    """
    with opened(source) as (packed, _):
        read = reader_of(packed)
        if read is None:
            raise UnknownFormat(f"{source.name}: it is a zip file, and no document in it is known")
        yield from read(packed, source)


@contextmanager
def opened(source: NamedFile) -> Iterator[tuple[OpenedZip, Work]]:
    """
    Open a zip file.

    Raises:
        UnknownFormat: it is another kind of file that is known. As `OpenedZip`.
    """
    head = source.file.read(kinds.HEAD)
    if not head.startswith(_BEGINS) and (kind := kinds.kind_of(head)):
        raise UnknownFormat(f"{source.name}: {kind}")
    source.file.seek(0)
    work = Work(source.name)
    with OpenedZip(source.file, source.name, work) as packed:
        yield packed, work


def reader_of(packed: OpenedZip) -> PackedReader | None:
    """
    Return what reads the document that a zip file is; None if it is none.

    Raises:
        UnknownFormat: it is one that is not read.
    """
    names = set(packed.names)
    if names.intersection(_APPLE):
        raise UnknownFormat(
            f"{packed.name}: it is a document of Apple's Pages, Numbers or Keynote; export it there"
            " as PDF or for Microsoft Office, and give that"
        )
    return next((read for name, read in _READERS.items() if name in names), None)
