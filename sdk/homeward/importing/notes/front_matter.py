"""
Reads the front matter of a note: the few lines of YAML that programs put above a text.

Only what is needed of YAML is read, line by line: a whole YAML parser follows references that let a
kilobyte become gigabytes.

Source: YAML 1.2, chapters 7.3 and 8.2; Obsidian, "Properties".
"""

import re
from dataclasses import dataclass
from datetime import datetime

from homeward.importing.storable import parse_time

LONGEST = 64 << 10  # characters
_WHOLE = re.compile(
    r"---[ \t]*\r?\n(.*?)^(?:---|\.\.\.)[ \t]*(?:\r?\n|\Z)", re.DOTALL | re.MULTILINE
)
_FIELD = re.compile(r"([^\s:#\-][^:\n]{0,60}?)[ \t]*:(?:[ \t]+(.*))?")
_ENTRY = re.compile(r"[ \t]*-[ \t]+(.*)")
_OTHER = re.compile(r"[ \t]+.*|#.*|-?")  # a longer value, a comment, an empty line or entry
_CREATED = ("created", "date", "created_at", "created at", "date created", "creation date", "day")
_DAY = re.compile(r"(\d{4})[-/.](\d{1,2})[-/.](\d{1,2})(?!\d)")
_MOST = 20  # tags that are kept


@dataclass(frozen=True, slots=True)
class FrontMatter:
    """What stands above a note."""

    length: int = 0  # characters of it, with its lines
    title: str = ""
    labels: tuple[str, ...] = ()  # what notes call their tags
    created: datetime | None = None


def front_matter(text: str) -> FrontMatter:
    """
    Return what the text begins with; an empty one if it begins with its own words.

    A text between two rules is the person's words, too.
    """
    whole = _WHOLE.match(text, 0, min(len(text), LONGEST))
    fields = _fields(whole[1]) if whole else None
    if whole is None or fields is None:
        return FrontMatter()
    tags = [tag.lstrip("#") for key in ("tags", "tag") for tag in fields.get(key, [])]
    times = (_time(value) for key in _CREATED for value in fields.get(key, [])[:1])
    return FrontMatter(
        length=whole.end(),
        title=next(iter(fields.get("title", [])), ""),
        labels=tuple(filter(None, tags))[:_MOST],
        created=next(filter(None, times), None),
    )


def _fields(lines: str) -> dict[str, list[str]] | None:
    """Return the values of each field, by its name in small letters; None if these are none."""
    found: dict[str, list[str]] = {}
    last: list[str] = []
    for line in lines.splitlines():
        if field := _FIELD.fullmatch(line):
            last = found.setdefault(field[1].strip("\"'").lower(), [])
            last.extend(_values(field[2] or ""))
        elif entry := _ENTRY.fullmatch(line):
            last.append(_plain(entry[1]))
        elif not _OTHER.fullmatch(line):
            return None
    return found


def _values(value: str) -> list[str]:
    value = value.strip()
    if value.startswith("[") and value.endswith("]"):
        return [_plain(one) for one in value[1:-1].split(",")]
    return [_plain(value)] if value else []


def _plain(value: str) -> str:
    value = value.strip()
    quoted = len(value) > 1 and value[0] == value[-1] and value[0] in "\"'"
    return value[1:-1] if quoted else value


def _time(value: str) -> datetime | None:
    day = _DAY.match(value)
    if day is None:
        return parse_time(value)
    year, month, number = day.groups()
    date = f"{year}-{int(month):02}-{int(number):02}"
    rest = value[day.end() :].strip().lstrip("T")
    return parse_time(f"{date}T{rest}") or parse_time(date)
