"""
Splits a mailbox (mbox, RFC 4155) into mails, and drops of each what is no text, in bounded memory.

A line "From …" begins a mail if a sender and a date stand in it: people begin sentences with the
same word. Mailboxes whose first line has no date have none anywhere, and there a blank line before
it has to do.
"""

import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import IO

from homeward.errors import ImportCorrupt
from homeward.importing.reading.unicode_input import Bytes, Utf8

LARGEST = 8 << 20  # bytes of one mail that are kept, without what is dropped of long parts
LARGEST_PART = 3 << 20  # bytes of a part that may be text: 2 MiB, and a third more in base64
_KEPT = 64 << 10  # bytes of a longer part that are kept, with its headers
_BLOCK = 1 << 18
_PART = b"\n--"  # how the line begins that ends a part
_DAY = (
    rb"(?:(?:Mon|Tue|Wed|Thu|Fri|Sat|Sun),? +(?:[A-Z][a-z]{2} +\d{1,2}|\d{1,2} +[A-Z][a-z]{2})"
    rb"|\d{4}-\d\d-\d\d)\b[^\n]{1,20}?\d\d:\d\d"
)
_FROM = rb"From (?:[^\s]{1,300}(?: at [^\s]{1,100})?)? {1,9}" + _DAY
_DATED = re.compile(
    rb"\n[ \t]{0,80}\r?\n(?=" + _FROM + rb")From "
    rb"|\n(?=" + _FROM + rb"[^\n]{0,80}\n[!-9;-~]{1,60}:)From "
)
_UNDATED = re.compile(rb"\n[ \t]{0,80}\r?\nFrom ")
BEGINS = re.compile(_FROM)  # a mailbox whose mails tell their senders and dates
_OVERLAP = 800  # bytes: as long as what is looked at around a "From ", which may lie across blocks
_ESCAPED = re.compile(rb"^>(>*From )", re.MULTILINE)


@dataclass(slots=True)
class RawMail:
    """The bytes of a mail without its "From " line, and where parts of it were dropped."""

    data: bytes
    is_whole: bool  # else its end is missing
    dropped: tuple[int, ...]  # each after the first `_KEPT` bytes of a part


@dataclass(slots=True)
class _Mail:
    """A mail as it is read: of a part that is too long to be text, only the beginning is kept."""

    data: bytearray = field(default_factory=bytearray)
    dropped: list[int] = field(default_factory=list)
    is_whole: bool = True
    _part: int = 0  # where the part begins that is being read
    _dropping: bool = False

    def add(self, block: bytes) -> None:
        """Add the next bytes, at most `_BLOCK` of them."""
        before = max(self._part, len(self.data) - len(_PART))
        self.data += block
        if self._dropping:
            self._drop()
            before = self._part
        last = self.data.rfind(_PART, before)
        self._part = max(self._part, last)
        if not self._dropping and len(self.data) - self._part > LARGEST_PART:
            self._dropping = True
            self.dropped.append(self._part + _KEPT)
            self._drop()
        if len(self.data) > LARGEST:
            self.is_whole = False
            del self.data[LARGEST:]

    def _drop(self) -> None:
        start = self.dropped[-1]
        end = self.data.find(_PART, start)
        if end < 0:
            del self.data[start : -len(_PART)]
        else:
            del self.data[start:end]
            self._part, self._dropping = start, False

    def finished(self) -> RawMail:
        """Return it without its first line."""
        first = self.data.find(b"\n") + 1
        data = bytes(self.data[first:] if first else b"")
        return RawMail(data, self.is_whole, tuple(at - first for at in self.dropped))


def unescaped(text: bytes) -> bytes:
    """Return a part of a mail without the ">" before "From " that only a mailbox needs."""
    return _ESCAPED.sub(rb"\1", text)


def mail(file: Bytes) -> RawMail:
    """Return the one mail that a file holds."""
    read = _Mail()
    read.add(b"\n")  # in place of the line that begins a mail in a mailbox
    while block := file.read(_BLOCK):
        read.add(block)
    return read.finished()


def mails(file: IO[bytes], *, name: str) -> Iterator[RawMail]:
    """
    Yield each mail.

    Raises:
        ImportCorrupt: it does not begin as a mailbox does.
    """
    source = Utf8(file, name)
    block = source.read(_BLOCK)
    if not block:
        return
    if not block.startswith(b"From "):
        raise ImportCorrupt(f"{name}: it is no mailbox, which begins with 'From '")
    following = _DATED if BEGINS.match(block) else _UNDATED
    mail, waiting = _Mail(), b""
    while block:
        waiting += block
        block = source.read(_BLOCK)
        begun = 0
        for found in following.finditer(waiting):
            mail.add(waiting[begun : found.start() + 1])
            yield mail.finished()
            mail, begun = _Mail(), found.end() - len(b"From ")
        safe = max(begun, len(waiting) - _OVERLAP) if block else len(waiting)
        mail.add(waiting[begun:safe])
        waiting = waiting[safe:]
    yield mail.finished()
