"""Reads PDFs page by page; their text is taken out in a process of its own."""

import os
import re
from collections.abc import Iterator

from homeward.importing import texts
from homeward.importing.documents.cut_document import CutDocument, sha256_of
from homeward.importing.items import Item, LeftOut
from homeward.importing.named_file import NamedFile
from homeward.importing.storable import parse_time

# A line that ends as no sentence does, before one that begins in small letters.
_BROKEN = re.compile(r"(?<=[^\s.!?:;])[ \t]*\r?\n(?=[a-zà-öø-ÿß-])")


def documents(source: NamedFile) -> Iterator[Item]:
    """
    Yield the text of each page; pages without text are left out, and said to be scanned.

    Raises:
        UnknownFormat: the package that reads PDFs is not installed.
        ImportCorrupt: it is locked or damaged, or takes too much time or memory.
    """
    sha256 = sha256_of(source.file)
    size = source.file.seek(0, os.SEEK_END)
    source.file.seek(0)
    found = source.pdfs.text(source.file, size, name=source.name)
    whole = CutDocument(sha256, source.name, parse_time(found.made) or source.changed_at)
    for page in found.pages:
        place = f"page {page.number}"
        if page.left_out:
            yield LeftOut(f"{source.name}, {place}", page.left_out)
        for start, text in texts.parts([_BROKEN.sub(" ", page.text)]):
            yield whole.part(f"{place}, from character {start}" if start else place, text)
    if found.ended:
        yield LeftOut(source.name, found.ended)
