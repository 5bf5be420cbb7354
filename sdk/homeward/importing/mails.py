"""Reads a mailbox (mbox, RFC 4155) mail by mail."""

import email.utils
import re
from collections.abc import Iterator
from datetime import UTC, datetime
from typing import IO

from homeward.errors import ImportCorrupt
from homeward.importing import html_text, mime
from homeward.importing.items import Document, LeftOut, digest_of
from homeward.importing.work_limits import OverBound, Record, Work

LARGEST = 8 << 20  # bytes of one mail that are read; what is longer is attachments
_BLOCK = 1 << 18
_MOST_LEFT_OUT = 1000  # mails; a file with more is built, not written
_A_MAIL = 20  # pieces: what one costs beside what is in it
_NEXT = re.compile(rb"\n[ \t]{0,80}\r?\nFrom ")
_OVERLAP = 100  # bytes: as long as what `_NEXT` finds, which may lie across two blocks
_ESCAPED = re.compile(rb"^>From ", re.MULTILINE)
_QUOTED = re.compile(r"^>.*\n?|^(?:On|Am|Le) .{0,200}(?:wrote|schrieb|a écrit) ?:\n?", re.MULTILINE)
_LONGEST_DATE = 100  # characters


def documents(file: IO[bytes], *, name: str) -> Iterator[Document | LeftOut]:
    """
    Yield the text of each mail, without what it quotes of others; or why it is left out.

    Raises:
        ImportCorrupt: it does not begin as a mailbox does, or is built to keep a reader busy.
    """
    mails, inside, left_out = Work(name), Work(name, refusal=OverBound), 0
    for number, (data, is_whole) in enumerate(_mails(file, name), 1):
        mails.read(len(data))
        inside.read(len(data))
        mails.spend(_A_MAIL)
        where = f"{name}, mail {number}"
        try:
            document = _document(data, where, Record(inside, len(data)), is_whole=is_whole)
        except OverBound as reason:
            if (left_out := left_out + 1) > _MOST_LEFT_OUT:
                raise ImportCorrupt(f"{name}: {left_out} mails are over a bound") from None
            yield LeftOut(where, str(reason))
        else:
            if document is not None:
                yield document


def _mails(file: IO[bytes], name: str) -> Iterator[tuple[bytes, bool]]:
    """Yield each mail without its first line, and whether this is all of it."""
    block = file.read(_BLOCK)
    if not block.startswith(b"From "):
        raise ImportCorrupt(f"{name}: a mailbox begins with 'From '")
    mail, size, waiting = bytearray(), 0, b""
    while block:
        waiting += block
        block = file.read(_BLOCK)
        begun = 0
        for found in _NEXT.finditer(waiting):
            mail += waiting[begun : found.start() + 1][: LARGEST - len(mail)]
            size += found.start() + 1 - begun
            yield _unescaped(mail), size <= LARGEST
            mail, size, begun = bytearray(), 0, found.end() - len(b"From ")
        safe = max(begun, len(waiting) - _OVERLAP) if block else len(waiting)
        mail += waiting[begun:safe][: LARGEST - len(mail)]
        size, waiting = size + safe - begun, waiting[safe:]
    yield _unescaped(mail), size <= LARGEST


def _unescaped(mail: bytearray) -> bytes:
    first_line = mail.find(b"\n") + 1
    return _ESCAPED.sub(b"From ", bytes(mail[first_line:] if first_line else b""))


def _document(data: bytes, where: str, work: Record, *, is_whole: bool) -> Document | None:
    whole = mime.part_at(data, 0, len(data))
    part = _chosen(data, whole, work)
    if part is None or (part.end == len(data) and not is_whole):
        if is_whole:
            return None  # it has attachments only
        raise OverBound(f"it is longer than {LARGEST >> 20} MiB")
    text = _shown(mime.content(data, part), part.kind, work)
    text = _QUOTED.sub("", text.replace("\r\n", "\n")).strip()
    if not text:
        return None
    title = mime.line_of(whole.headers.get("subject", "")) or where
    known = whole.headers.get("message-id") or text
    return Document(digest_of("mail", known), title, text, _date(whole.headers.get("date", "")))


def _chosen(data: bytes, whole: mime.Part, work: Record) -> mime.Part | None:
    """Return the first part that is plain text, else the first that is HTML."""
    page = None
    for part in mime.texts(data, whole, work):
        if part.kind == "text/plain":
            return part
        page = page or part
    return page


def _shown(text: str, kind: str, work: Record) -> str:
    return html_text.text_of(text, spend=work.spend) if kind == "text/html" else text


def _date(value: str) -> datetime | None:
    try:
        read = email.utils.parsedate_to_datetime(value[:_LONGEST_DATE])
    except (ValueError, TypeError, IndexError, OverflowError):
        return None
    return read if read.tzinfo else read.replace(tzinfo=UTC)
