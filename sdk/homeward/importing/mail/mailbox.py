"""Reads a mailbox mail by mail: of each, what its writer wrote themselves."""

import email.utils
import hashlib
import io
import re
from collections.abc import Iterator
from datetime import UTC, datetime
from typing import IO

from homeward.errors import UnknownFormat
from homeward.importing.items import Document, LeftOut, digest_of
from homeward.importing.mail import flowed, mbox, mime, page
from homeward.importing.mail.charsets import Charsets
from homeward.importing.mail.mbox import RawMail
from homeward.importing.mail.quoting import MailLine, own_words, plain_lines
from homeward.importing.reading.work_limits import NotTaken, Record, Work

_A_MAIL = 40  # pieces: what one costs beside what is in it
_A_LINE = 4  # pieces: what it costs to ask of a line whose it is
_LONGEST_DATE = 100  # characters
_FRAME = 32  # bytes in which the length of a mail stands that Apple Mail keeps
_LENGTH = re.compile(rb"(\d{1,9})[ \t]*\r?\n")
_HEADERS = re.compile(rb"(?:\xef\xbb\xbf)?(?:>?From [^\n]*\n)?[!-9;-~]{1,80}[ \t]*:")
_BEGIN = re.compile(r"^begin [0-7]{3,4} [^\n]{1,200}\n([ -`])([ -`]{0,84})\n", re.MULTILINE)


def documents(file: IO[bytes], *, name: str) -> Iterator[Document | LeftOut]:
    """
    Yield the text of each mail, without what it quotes of others; or why it is left out.

    Raises:
        ImportCorrupt: it does not begin as a mailbox does, or is built to keep a reader busy.
    """
    mails, inside, charsets = Work(name), Work(name, refusal=NotTaken), Charsets()
    for number, raw in enumerate(mbox.mails(file, name=name), 1):
        mails.read(len(raw.data))
        inside.read(len(raw.data))
        mails.spend(_A_MAIL)
        where = f"{name}, mail {number}"
        try:
            yield document(raw, where, Record(inside, len(raw.data)), charsets)
        except NotTaken as reason:
            yield LeftOut(where, str(reason))


def single(file: IO[bytes], *, name: str) -> Iterator[Document | LeftOut]:
    """
    Yield the text of the one mail in a file (.eml), or why it is left out.

    A mail that Apple Mail keeps (.emlx) has its length on a line above it, and data below it.

    Raises:
        UnknownFormat: it has no header of a mail.
    """
    raw = mbox.mail(_without_frame(file))
    if not _HEADERS.match(raw.data):
        raise UnknownFormat(f"{name}: it is no mail, which begins with headers such as 'From:'")
    work = Work(name, refusal=NotTaken)
    work.read(len(raw.data))
    try:
        yield document(raw, name, Record(work, len(raw.data)), Charsets())
    except NotTaken as reason:
        yield LeftOut(name, str(reason))


def _without_frame(file: IO[bytes]) -> IO[bytes]:
    head = file.read(_FRAME)
    length = _LENGTH.match(head)
    file.seek(length.end() if length else 0)
    return io.BytesIO(file.read(int(length[1]))) if length else file


def document(raw: RawMail, where: str, work: Record, charsets: Charsets) -> Document:
    """
    Return what the writer of a mail wrote in it.

    Raises:
        NotTaken: nothing, or more than is read.
    """
    whole = mime.part_at(raw.data, 0, len(raw.data))
    parts = _chosen(raw, whole, work)
    text = own_words([line for one in parts for line in _lines(raw, one, work, charsets)])
    if not text:
        raise NotTaken("it has no text, or all of it is quoted from others")
    title = mime.line_of(whole.headers.get("subject", "")) or where
    body = hashlib.sha256(raw.data[whole.start :].strip()).hexdigest()
    digest = digest_of("mail", whole.headers.get("message-id", ""), body)
    return Document(digest, title, text, _date(whole.headers.get("date", "")))


def _chosen(raw: RawMail, whole: mime.Part, work: Record) -> list[mime.Part]:
    """Return the parts that are the mail's text."""
    parts = mime.texts(raw.data, whole, work)
    if not raw.is_whole and (not parts or parts[-1].end == len(raw.data)):
        raise NotTaken(f"it is longer than {mbox.LARGEST >> 20} MiB")
    if not parts:
        raise NotTaken("it has no text, only attachments or other mails")
    return parts


def _lines(raw: RawMail, part: mime.Part, work: Record, charsets: Charsets) -> list[MailLine]:
    if any(part.start <= at <= part.end for at in raw.dropped):
        raise NotTaken(f"its text is longer than {mime.LARGEST_TEXT >> 20} MiB")
    text = mime.content(mbox.unescaped(raw.data[part.start : part.end]), part, charsets)
    work.spend(_A_LINE * text.count("\n"))
    if part.kind == "text/html":
        return page.lines_of(text, spend=work.spend)
    kind = part.headers.get("content-type", "")
    if mime.parameter(kind, "format").lower() == "flowed":
        text = flowed.joined(text, delete_space=mime.parameter(kind, "delsp").lower() == "yes")
    return plain_lines(_without_files(text.replace("\r\n", "\n")))


def _without_files(text: str) -> str:
    """Return a text without the files that old programs wrote into it (uuencode)."""
    kept, at = list[str](), 0
    for found in _BEGIN.finditer(text):
        size = (ord(found[1]) - 32) & 63  # bytes that the first line stands for
        if found.start() < at or not size or len(found[2]) > -(-size // 3) * 4:
            continue
        end = text.find("\nend", found.end() - 1)
        if end < 0:
            break
        kept.append(text[at : found.start()])
        at = end + len("\nend")
    return "".join([*kept, text[at:]])


def _date(value: str) -> datetime | None:
    try:
        read = email.utils.parsedate_to_datetime(value[:_LONGEST_DATE])
    except (ValueError, TypeError, IndexError, OverflowError):
        return None
    return read if read.tzinfo else read.replace(tzinfo=UTC)
