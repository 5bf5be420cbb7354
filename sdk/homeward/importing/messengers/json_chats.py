"""
Reads chats that Telegram and Google Chat export as JSON: one, or all of a person's.

Sources: neither format has a specification; this reads what Telegram Desktop and Google Takeout
write since 2020.
"""

import re
from collections.abc import Iterator, Mapping
from datetime import datetime
from typing import Any

from homeward.errors import UnknownFormat
from homeward.importing.chats.json_array import Element
from homeward.importing.chats.json_records import OtherValue, records
from homeward.importing.chats.json_values import id_in, list_in, map_in, text_in
from homeward.importing.items import Item, LeftOut
from homeward.importing.messengers.message import Chat, WrittenMessage, person_among, plain_name
from homeward.importing.named_file import NamedFile
from homeward.importing.reading.work_limits import Work
from homeward.importing.storable import parse_time

Record = Mapping[str, Any]

_A_MESSAGE = 4  # pieces
_LISTS = "messages"
_GOOGLE_DAY = "%A, %B %d, %Y at %I:%M:%S %p %Z"
_NOT_TEXT = re.compile(r"[\u202f\xa0]")


def documents(source: NamedFile) -> Iterator[Item]:
    """
    Yield each message by its writer; what is no text is left out.

    Raises:
        WriterUnknown: the person did not say who they are, nor does the file, or nobody writes so.
        UnknownFormat: it holds no messages of a chat. As `json_records.records`.
    """
    mine = _person(source)
    reading, work = _Chats(source.name, mine), Work(source.name)
    source.file.seek(0)
    number = 0
    for one in records(source.file, list_name=_LISTS, name=source.name, work=work):
        if isinstance(one, OtherValue):
            reading.fact(one)
            continue
        number += 1
        work.spend(_A_MESSAGE)
        yield from reading.record(one, number)


def _person(source: NamedFile) -> frozenset[str]:
    """Return the names and ids of the person: as the file says it, else as they did."""
    writers, own, count, known = set[str](), set[str](), 0, 0
    for one in records(source.file, list_name=_LISTS, name=source.name, work=Work(source.name)):
        if isinstance(one, OtherValue):
            if one.path == ("personal_information", "user_id") and id_in(one.value):
                own.add(plain_name(f"user{one.value}"))
            continue
        count += 1
        writer, ids = _writer(map_in(one.value))
        known += writer is not None
        writers.update(filter(None, (writer, *ids)))
    if count and not known:
        raise UnknownFormat(
            f"{source.name}: its messages are not as Telegram or Google Chat writes them"
        )
    if not count or (own and source.i_am is None):
        return frozenset(own)
    return frozenset(own) | person_among(writers, source.i_am, name=source.name)


def _writer(record: Record) -> tuple[str | None, tuple[str, ...]]:
    """Return who wrote a message, and by which ids; nobody where it is none of a person."""
    creator = map_in(record.get("creator"))
    if creator:
        mail = text_in(creator.get("email"))
        return text_in(creator.get("name")) or mail or None, (mail,)
    if record.get("type", "message") != "message":
        return None, ()
    return text_in(record.get("from")) or None, (id_in(record.get("from_id")),)


class _Chats:
    """The chats of one file, of which one is being read."""

    def __init__(self, name: str, mine: frozenset[str]) -> None:
        self._name, self._mine = name, mine
        self._chat = Chat("telegram", "", name, mine)

    def fact(self, fact: OtherValue) -> None:
        """Note which chat begins."""
        if fact.path[-1:] == ("name",) and len(fact.path) in (1, 4) and text_in(fact.value):
            title = f"{self._name}: {fact.value}"
            self._chat = Chat("telegram", fact.value, title, self._mine)

    def record(self, element: Element, number: int) -> Iterator[Item]:
        """Yield a message; nothing for what a program tells of a chat."""
        where = f"{self._name}, message {number}"
        if element.refused:
            yield LeftOut(where, element.refused)
            return
        record = map_in(element.value)
        writer, ids = _writer(record)
        if writer is None:
            if record.get("type") not in ("service", "unsupported"):
                yield LeftOut(where, "it does not name its writer")
            return
        text = _text(record.get("text")).strip()
        if not text:
            yield LeftOut(where, "it holds no text, but a picture, a sound or another file")
            return
        stamp = id_in(record.get("id")) or id_in(record.get("message_id"))
        said = text_in(record.get("date")) or text_in(record.get("created_date"))
        is_own = any(plain_name(one) in self._mine for one in ids)
        message = WrittenMessage(
            writer, text, stamp or said, _time(record), bool(record.get("forwarded_from"))
        )
        yield self._chat.document(message, number, is_own=is_own)


def _text(value: object) -> str:
    """Return a text that may come in pieces, each with how it is shown."""
    if isinstance(value, str):
        return value
    return "".join(text_in(one) or text_in(map_in(one).get("text")) for one in list_in(value))


def _time(record: Record) -> datetime | None:
    seconds = record.get("date_unixtime") or record.get("date")
    if seconds is not None:
        return parse_time(seconds)
    said = _NOT_TEXT.sub(" ", text_in(record.get("created_date")))
    try:
        return datetime.strptime(said, _GOOGLE_DAY)
    except ValueError:
        return None
