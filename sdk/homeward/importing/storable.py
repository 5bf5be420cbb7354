"""
Makes items storable: every item of every format goes through here, once, before any is written.

A text that no database keeps, or a time that no calendar has, would otherwise stop an import in
its middle, at the same place each time.
"""

import math
import re
from dataclasses import replace
from datetime import UTC, datetime, timedelta

from homeward.importing.items import FileRead, ImportedExchange, Item, LeftOut

_HALF = re.compile("[\ud800-\udfff]")
_MARK = "\N{REPLACEMENT CHARACTER}"
_FIRST = datetime(1, 1, 2, tzinfo=UTC)  # a day inside what `datetime` holds, for every time zone
_ZONES = timedelta(days=1)  # how far a clock may be ahead that was read in another time zone
_AS_MILLISECONDS = 1e11  # seconds until the year 5138; a larger number counts milliseconds
UNDATED = datetime.fromtimestamp(0, UTC)  # older than everything that is dated


def storable(item: Item, *, now: datetime) -> Item:
    """
    Return the item with texts and times that can be stored.

    NUL and halves of characters become U+FFFD; what is dated after `now` is dated now.
    """
    match item:
        case FileRead():
            return item
        case LeftOut():
            return LeftOut(storable_text(item.where), storable_text(item.why))
        case ImportedExchange():
            return replace(
                item,
                conversation=storable_text(item.conversation),
                asked=storable_text(item.asked),
                replied=storable_text(item.replied),
                asked_at=_storable_time(item.asked_at, now) or UNDATED,
            )
        case _:
            return replace(
                item,
                title=storable_text(item.title),
                text=storable_text(item.text),
                written_at=_storable_time(item.written_at, now),
            )


def storable_text(text: str) -> str:
    """Return `text` with a mark in place of what no database keeps: NUL, half a character."""
    text = text.replace("\0", _MARK)
    if _HALF.search(text) is None:
        return text
    return text.encode("utf-16-le", "surrogatepass").decode("utf-16-le", "replace")


def _storable_time(time: datetime | None, now: datetime) -> datetime | None:
    """Return the time in UTC, not after `now`; None where UTC has no such time."""
    if time is None:
        return None
    try:
        there = (time if time.tzinfo else time.replace(tzinfo=UTC)).astimezone(UTC)
    except (ValueError, OverflowError):
        return None
    if there < _FIRST:
        return None
    return there if there <= now + _ZONES else now


def parse_time(value: object) -> datetime | None:
    """
    Return the time that an export names: (milli)seconds since 1970, or ISO 8601; else None.

    A time without a zone is taken as UTC.
    """
    try:
        if isinstance(value, bool):
            return None
        if isinstance(value, int | float):
            seconds = value / 1000 if abs(value) > _AS_MILLISECONDS else value
            return datetime.fromtimestamp(seconds, UTC) if math.isfinite(seconds) else None
        if isinstance(value, str):
            return _parsed(value.strip())
    except (ValueError, OverflowError, OSError):
        pass
    return None


def _parsed(value: str) -> datetime | None:
    if re.fullmatch(r"-?\d{1,15}(\.\d{1,12})?", value, re.ASCII) and len(value) > len("20240229"):
        return parse_time(float(value))
    read = datetime.fromisoformat(value)
    return read if read.tzinfo else read.replace(tzinfo=UTC)
