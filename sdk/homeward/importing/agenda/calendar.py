"""
Reads calendars (.ics): each event with its time, one that recurs once, and tasks.

Source: RFC 5545, 3.6 (components), 3.3.5 (times), 3.3.10 (rules of recurrence).
"""

import re
from collections.abc import Iterator
from datetime import UTC, datetime
from zoneinfo import ZoneInfo

from homeward.errors import UnknownFormat
from homeward.importing.agenda.content_lines import Component, ContentLine, components
from homeward.importing.items import Document, Item, LeftOut, digest_of
from homeward.importing.named_file import NamedFile

_WANTED = frozenset(("VEVENT", "VTODO", "VJOURNAL", "VCALENDAR"))
_TIME = re.compile(r"(\d{4})(\d\d)(\d\d)(?:T(\d\d)(\d\d)(\d\d)?(Z)?)?")
_EVERY = {
    "DAILY": ("day", "days"), "WEEKLY": ("week", "weeks"),
    "MONTHLY": ("month", "months"), "YEARLY": ("year", "years"),
}  # fmt: skip
_LONGEST = 30_000  # characters of a description


def documents(source: NamedFile) -> Iterator[Item]:
    """
    Yield each event and task, worded.

    Raises:
        UnknownFormat: it is no calendar. As `content_lines.components`.
    """
    number = found = 0
    for component in components(source, _WANTED):
        found += 1
        if component.name == "VCALENDAR":
            continue
        number += 1
        where = f"{source.name}, entry {number}"
        if component.first("RECURRENCE-ID"):
            yield LeftOut(where, "it is one day of what recurs, which is read once")
        elif not (text := _worded(component)):
            yield LeftOut(where, "it has no name and no text")
        else:
            yield _document(component, text, f"{source.name}, entry {number}")
    if not found:
        raise UnknownFormat(f"{source.name}: it is no calendar, which begins with BEGIN:VCALENDAR")


def _document(component: Component, text: str, title: str) -> Document:
    known = component.text("UID") or text
    stamps = (component.first(one) for one in ("LAST-MODIFIED", "CREATED", "DTSTAMP", "DTSTART"))
    at = next(filter(None, (_time(one) for one in stamps if one)), None)
    named = (component.text(one) for one in ("SEQUENCE", "DTSTART", "SUMMARY"))
    return Document(digest_of("calendar", known, *named), title, text, at)


def _worded(component: Component) -> str:
    summary, about = component.text("SUMMARY"), component.text("DESCRIPTION")[:_LONGEST]
    if not summary and not about:
        return ""
    what = {"VTODO": "To do", "VJOURNAL": "Journal"}.get(component.name, "Event")
    pieces = [f"{what}: {summary or 'without a name'}"]
    if when := _when(component):
        pieces.append(when)
    if place := " ".join(component.text("LOCATION").split()):
        pieces.append(f"at {place}")
    if rule := component.first("RRULE"):
        pieces.append(_recurring(rule.raw))
    if component.text("STATUS").upper() in ("CANCELLED", "COMPLETED"):
        pieces.append(component.text("STATUS").lower())
    sentence = ", ".join(pieces) + "."
    return f"{sentence}\n\n{about}" if about else sentence


def _when(component: Component) -> str:
    start, end = component.first("DTSTART"), component.first("DTEND")
    due = component.first("DUE")
    if start is None:
        return f"due {_said(due)}" if due and _said(due) else ""
    begins, ends = _said(start), _said(end) if end else ""
    if not begins:
        return ""
    if not ends or ends == begins or not _TIME.match(start.raw):
        return f"on {begins}"
    if "T" not in start.raw:
        return f"from {begins} until before {ends}" if _days(start, end) != 1 else f"on {begins}"
    day, _, hour = ends.partition(", ")
    return f"on {begins} to {hour}" if begins.startswith(f"{day}, ") else f"from {begins} to {ends}"


def _days(start: ContentLine, end: ContentLine | None) -> int:
    first, last = _time(start), _time(end) if end else None
    return (last - first).days if first and last else 1


def _said(line: ContentLine | None) -> str:
    """Return a time in words, as the calendar shows it; "" for what is none."""
    at = _naive(line.raw) if line else None
    if line is None or at is None:
        return ""
    day = f"{at:%A} {at.day} {at:%B} {at.year}"
    zone = " UTC" if line.raw.strip().endswith("Z") else ""
    return f"{day}, {at:%H:%M}{zone}" if "T" in line.raw else day


def _naive(raw: str) -> datetime | None:
    found = _TIME.match(raw.strip())
    if found is None:
        return None
    year, month, day, hour, minute, second = (int(one or 0) for one in found.groups()[:6])
    try:
        return datetime(year, month, day, hour, minute, min(second, 59))  # 60: a leap second
    except ValueError:
        return None


def _time(line: ContentLine) -> datetime | None:
    at = _naive(line.raw)
    if at is None or line.raw.strip().endswith("Z"):
        return at and at.replace(tzinfo=UTC)
    return at.replace(tzinfo=_zone(line.parameters.get("TZID", "")))


def _zone(name: str) -> ZoneInfo | None:
    """Return a time zone by its name, which parameters have in capital letters; None for others."""
    words = (word.capitalize() for word in re.split(r"([_/])", name))
    try:
        return ZoneInfo("".join(words)) if "/" in name else None
    except (ValueError, OSError, KeyError):
        return None


def _recurring(rule: str) -> str:
    """Return a rule of recurrence in words."""
    said = dict(one.partition("=")[::2] for one in rule.upper().split(";"))
    one, many = _EVERY.get(said.get("FREQ", ""), ("", ""))
    if not one:
        return "again and again"
    count = said.get("INTERVAL", "1")
    is_each = count in ("1", "") or not count.isdigit()
    text = f"every {one}" if is_each else f"every {int(count[:4])} {many}"
    until = _naive(said.get("UNTIL", ""))
    if until:
        return f"{text} until {until.day} {until:%B} {until.year}"
    times = said.get("COUNT", "")
    return f"{text}, {int(times[:6])} times" if times.isdigit() else text
