"""Reads pages of HTML: saved ones, and notes that other programs export as pages."""

import hashlib
import html
import re
from collections.abc import Iterator

from homeward.errors import ImportCorrupt
from homeward.importing import texts
from homeward.importing.documents.cut_document import CutDocument
from homeward.importing.items import Item, LeftOut
from homeward.importing.mail.charsets import Charsets
from homeward.importing.mail.page import lines_of
from homeward.importing.named_file import NamedFile
from homeward.importing.reading.html_text import Spend
from homeward.importing.reading.unicode_input import encoding_of
from homeward.importing.reading.work_limits import Work

LARGEST = 16 << 20  # bytes; a longer one is a dump of something else
_HEAD = 4096  # bytes in which a page says how it is encoded; browsers read 1,024
_CHARSET = re.compile(rb"<meta\b[^>]{0,200}?charset\s*=\s*[\"']?([\w-]{1,40})", re.IGNORECASE)
_TITLE = re.compile(r"<title\b[^>]{0,200}>([^<]{1,300})", re.IGNORECASE)


def documents(source: NamedFile) -> Iterator[Item]:
    """
    Yield the text of a page as a reader would see it.

    Raises:
        ImportCorrupt: it is longer than 16 MiB, or built to keep a reader busy.
    """
    data = source.file.read(LARGEST + 1)
    if len(data) > LARGEST:
        raise ImportCorrupt(f"{source.name}: a page longer than {LARGEST >> 20} MiB is not read")
    work = Work(source.name)
    work.read(len(data))
    page = decoded(data)
    named = _TITLE.search(page)
    title = " ".join(html.unescape(named[1]).split()) if named else ""
    whole = CutDocument(
        hashlib.sha256(data).hexdigest(),
        f"{source.name}: {title}" if title else source.name,
        source.changed_at,
    )
    empty = True
    for start, text in texts.parts([text_of(page, spend=work.spend)]):
        empty = False
        yield whole.part(f"from character {start}" if start else "", text)
    if empty and data.strip():
        yield LeftOut(source.name, "it is a page without text; what a browser shows is made later")


def text_of(page: str, *, spend: Spend) -> str:
    """Return the text of a page; an empty line stands before each paragraph."""
    return "\n".join(line.text for line in lines_of(page, spend=spend)).strip("\n")


def decoded(data: bytes) -> str:
    """Return a page's text, in the encoding that its mark or itself names, or that fits."""
    encoding, mark = encoding_of(data)
    if mark or encoding != "utf-8":
        return data[mark:].decode(encoding, "replace")
    named = _CHARSET.search(data, 0, _HEAD)
    return Charsets().decoded(data, named[1].decode() if named else "")
