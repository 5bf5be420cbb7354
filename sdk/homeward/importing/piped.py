"""Recognizes by its first bytes what came through a pipe, which has no name that would tell."""

import re
from collections.abc import Iterator

from homeward.errors import CannotRead, UnknownFormat
from homeward.importing.kinds import kind_of
from homeward.importing.mail.mbox import BEGINS
from homeward.importing.reading.unicode_input import Bytes, encoding_of

LARGEST = 4 << 30  # bytes; a pipe need not end, and the disk would be full
_BLOCK = 1 << 18
HEAD = 1024  # bytes that tell a format
_ZIP = (b"PK\x03\x04", b"PK\x05\x06")
_PDF = b"%PDF-"  # some programs put a line of their own before it
_JSON = re.compile(r"\s*(?:\[\s*(?:\{|null\b|\]\s*\Z)|\{\s*[\"}])")
_PAGE = re.compile(
    r"\s*(?:<!--.{0,500}?-->\s*)?<(?:!doctype\s+html|html)\b", re.IGNORECASE | re.DOTALL
)
# A mail begins with headers; two of them, since a text may begin with one word and a colon.
_MAIL = re.compile(
    r"(?:(?:received|return-path|from|to|subject|date|message-id|mime-version|delivered-to|x-[\w-]+"
    r"|content-type|reply-to|dkim-signature)[ \t]*:[^\n]*\n(?:[ \t][^\n]*\n)*){2}",
    re.IGNORECASE,
)


def pieces(file: Bytes, *, name: str) -> Iterator[bytes]:
    """
    Yield what `file` holds, to its end.

    Raises:
        CannotRead: it is longer than 4 GiB.
    """
    size = 0
    while block := file.read(_BLOCK):
        size += len(block)
        if size > LARGEST:
            raise CannotRead(f"{name}: longer than {LARGEST >> 30} GiB; give its file by name")
        yield block


def suffix_of(head: bytes, *, name: str) -> str:
    """
    Return the suffix that a file which begins with `head` would have.

    Raises:
        UnknownFormat: it is one that is not read from a pipe.
    """
    if head.startswith(_ZIP):
        return ".zip"
    if _PDF in head:
        return ".pdf"
    if kind := kind_of(head):
        raise UnknownFormat(f"{name}: {kind}")
    encoding, length = encoding_of(head)
    text = head[length:].decode(encoding, "ignore")
    if BEGINS.match(text.encode()):
        return ".mbox"
    if text.startswith(("BEGIN:VCALENDAR", "BEGIN:VCARD")):
        return ".ics" if text.startswith("BEGIN:VCAL") else ".vcf"
    shapes = ((".json", _JSON), (".html", _PAGE), (".eml", _MAIL))
    return next((suffix for suffix, shape in shapes if shape.match(text)), ".txt")
