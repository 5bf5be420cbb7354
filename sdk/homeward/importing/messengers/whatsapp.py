"""
Reads chats that WhatsApp exports as text: a message begins with its time and its writer.

How a time is written depends on the phone and its language. Which of two numbers is the day is told
by the whole chat: no month is over 12, and messages stand in their order.

Source: the format has no specification; this reads what phones of both kinds write since 2014.
"""

import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import datetime
from itertools import pairwise

from homeward.errors import ImportCorrupt
from homeward.importing import texts
from homeward.importing.items import Item, LeftOut
from homeward.importing.messengers.message import Chat, WrittenMessage, person_among
from homeward.importing.named_file import NamedFile
from homeward.importing.reading.unicode_input import Utf8, encoding_of
from homeward.importing.reading.work_limits import Work

HEAD = 4096  # bytes that tell
_LONGEST = 100_000  # characters of one message; WhatsApp allows 65,536
_A_MESSAGE = 4  # pieces

_MARKS = "[\u200e\u200f\u202a-\u202e\ufeff]*"
_STAMP = re.compile(
    rf"{_MARKS}(?P<open>\[)?(?P<a>\d{{1,4}})[./\-. ]{{1,3}}(?P<b>\d{{1,2}})[./\-. ]{{1,3}}"
    r"(?P<c>\d{1,4})\.?(?:,|،|[ ]à|[ ]klo|[ ]kl\.|[ ]a[ ]las|[ ]um)?[ \u202f\xa0]{1,2}"
    r"(?P<before>AM |PM |上午|下午|오전 |오후 )?"
    r"(?P<hour>\d{1,2})[:.](?P<minute>\d{2})(?:[:.](?P<second>\d{2}))?"
    r"(?:[ \u202f\xa0]?(?P<after>[AaPp]\.?[ \u202f\xa0]?[Mm]\.?|[ap]))?"
    r"(?(open)\]|[ ][-\u2013])[ ]?"
)  # fmt: skip
_WRITER = re.compile(r"([^:\n\"“„«]{1,80}?):(?:\s|(?=[^\s/]))")
_UNSAID = "\u200e"  # what an iPhone puts before whatever nobody wrote
_MEDIA = re.compile(r"<[^<>\n]{3,40}>")
_FILE = re.compile(r"[\w.\- ()]{1,120}\.[A-Za-z0-9]{2,4} \([^()\n]{3,40}\)")
_EDITED = re.compile(
    r"\s*\u200e?<[^<>\n]*(?:edited|bearbeitet|modifié|editado|modificat)[^<>\n]*>\s*$"
)
_DELETED = frozenset(
    """
    this message was deleted|you deleted this message|diese nachricht wurde gelöscht
    du hast diese nachricht gelöscht|ce message a été supprimé|vous avez supprimé ce message
    se eliminó este mensaje|eliminaste este mensaje|questo messaggio è stato eliminato
    hai eliminato questo messaggio|mensagem apagada|esta mensagem foi apagada
    você apagou esta mensagem|dit bericht is verwijderd|null|missed voice call|missed video call
    """.strip().replace("\n", "|").split("|")
)  # fmt: skip


@dataclass(frozen=True, slots=True)
class _Raw:
    """A message before it is known which number of its time is the day."""

    stamp: re.Match[str]
    text: str


def is_chat(head: bytes) -> bool:
    """Return whether a text begins as a chat does: with a time, and many lines as well."""
    encoding, mark = encoding_of(head)
    lines = head[mark:].decode(encoding, "ignore").splitlines()[:40]
    found = [_STAMP.match(line) for line in lines if line.strip()]
    return bool(found) and found[0] is not None and sum(map(bool, found)) * 3 > len(found)


def documents(source: NamedFile) -> Iterator[Item]:
    """
    Yield each message by its writer; pictures and other files are left out.

    Raises:
        WriterUnknown: the person did not say who they are in it, or nobody writes by that name.
        ImportCorrupt: a message is longer than any, or the file is built to keep a reader busy.
    """
    writers, stamps = set[str](), list[tuple[int, int, int]]()
    for raw in _messages(source):
        writer, _ = _said(raw.text)
        if writer is not None:
            writers.add(writer)
        stamps.append(_numbers(raw.stamp))
    if not writers:
        yield LeftOut(source.name, "nobody writes anything in this chat")
        return
    mine = person_among(writers, source.i_am, name=source.name)
    day_of = _order(stamps)
    chat = Chat("whatsapp", "", source.name, mine)
    source.file.seek(0)
    for number, raw in enumerate(_messages(source), 1):
        yield from _item(raw, number, chat, day_of, source.name)


def _item(raw: _Raw, number: int, chat: Chat, day_of: "_Order", name: str) -> Iterator[Item]:
    writer, text = _said(raw.text)
    where = f"{name}, message {number}"
    if writer is None:
        return  # an event: somebody joined, a number changed
    kept = _EDITED.sub("", text).strip()
    first, _, rest = kept.partition("\n")
    if _FILE.fullmatch(first.strip(_UNSAID)) or _MEDIA.fullmatch(first.strip(_UNSAID)):
        kept = rest.strip()
        if not kept:
            yield LeftOut(where, "it is a picture, a sound or another file")
            return
    if kept.startswith(_UNSAID):
        yield LeftOut(where, "nobody wrote it: a file, a notice, or a message that was deleted")
    elif kept and kept.rstrip(".").casefold() not in _DELETED:
        at = _time(raw.stamp, day_of)
        stamp = raw.stamp[0].strip("[] -\u2013\u200e\ufeff")
        yield chat.document(WrittenMessage(writer, kept, stamp, at), number)


def _said(text: str) -> tuple[str | None, str]:
    """Return who wrote a message, and what; nobody wrote what WhatsApp tells of a chat."""
    found = _WRITER.match(text)
    return (found[1].strip(), text[found.end() :]) if found else (None, text)


def _messages(source: NamedFile) -> Iterator[_Raw]:
    work, stamp, lines, size = Work(source.name), None, list[str](), 0
    for line in _lines(source):
        work.read(len(line))
        found = _STAMP.match(line)
        if found is None and stamp is not None:
            lines.append(line)
            size += len(line)
            if size > _LONGEST:
                raise ImportCorrupt(f"{source.name}: a message is over {_LONGEST} characters")
        elif found is not None:
            work.spend(_A_MESSAGE)
            if stamp is not None:
                yield _Raw(stamp, "\n".join(lines))
            stamp, lines = found, [line[found.end() :]]
            size = len(line)
    if stamp is not None:
        yield _Raw(stamp, "\n".join(lines).rstrip())


def _lines(source: NamedFile) -> Iterator[str]:
    waiting = ""
    for block in texts.decoded(Utf8(source.file, source.name), source.name):
        *lines, waiting = (waiting + block).split("\n")
        yield from (line.rstrip("\r") for line in lines)
        if len(waiting) > _LONGEST:
            raise ImportCorrupt(f"{source.name}: a line is longer than {_LONGEST} characters")
    yield waiting.rstrip("\r")


_Order = Callable[[int, int, int], tuple[int, int, int]]
_ORDERS: tuple[_Order, ...] = (  # to year, month, day; the more common first
    lambda a, b, c: (c, b, a),
    lambda a, b, c: (c, a, b),
    lambda a, b, c: (a, b, c),
)


def _order(stamps: list[tuple[int, int, int]]) -> _Order:
    """Return how days are written: so that all of them exist, and most follow each other."""

    def worth(order: _Order) -> tuple[int, int]:
        days = [order(*numbers) for numbers in stamps]
        real = sum(0 < month < 13 and 0 < day < 32 for _, month, day in days)
        full = all(numbers[0] > 31 for numbers in stamps) == (order is _ORDERS[2])
        return real * full, sum(one <= two for one, two in pairwise(days))

    return max(_ORDERS, key=worth)  # the first of those that are worth the same


def _numbers(stamp: re.Match[str]) -> tuple[int, int, int]:
    return int(stamp["a"]), int(stamp["b"]), int(stamp["c"])


def _time(stamp: re.Match[str], order: _Order) -> datetime | None:
    """Return when it was, taken to be in the time zone of this machine: an export names none."""
    year, month, day = order(*_numbers(stamp))
    half = ((stamp["before"] or "") + (stamp["after"] or "")).strip().lower()
    is_later = half[:1] in ("p", "下") or half == "오후"
    hour = int(stamp["hour"])
    hour = hour % 12 + 12 * is_later if half and hour < 13 else hour
    try:
        years = year if year > 99 else 2000 + year
        at = datetime(years, month, day, hour, int(stamp["minute"]), int(stamp["second"] or 0))
        return at.astimezone()
    except (ValueError, OverflowError, OSError):
        return None
