"""Reads a JSON array element by element, in bounded memory and counted work."""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

import ijson

from homeward.errors import ImportCorrupt, UnknownFormat
from homeward.importing.chats.json_kinds import kind_of_object
from homeward.importing.chats.json_text import WholeCharacters
from homeward.importing.reading.unicode_input import Bytes, Utf8
from homeward.importing.reading.work_limits import Work

DEEPEST = 100  # levels of one element; chats have about ten
_DEEPEST_OF_ALL = 1000  # levels that are counted on; each level of a hostile file costs memory
LARGEST = 8 << 20  # bytes of one element: read, decoded and joined it takes ten times as much
MOST_VALUES = 250_000  # of one element; a message of a chat has about 40
_BLOCK = 1 << 20  # bytes; with each block the parser looks at an unfinished text from its start
STEPS = {"start_map": 1, "start_array": 1, "end_map": -1, "end_array": -1}


@dataclass(frozen=True, slots=True)
class Element:
    """An element of the array, or why it is not read: it is over a bound."""

    value: Any
    refused: str | None = None


class Counted:
    """A file that counts what was read of one element."""

    def __init__(self, file: Bytes, name: str, work: Work) -> None:
        self._file = WholeCharacters(Utf8(file, name))
        self._name, self._work = name, work
        self.unread = self.bytes = self.values = 0

    def read(self, size: int) -> bytes:
        """Read, unless one value has grown too large: nothing else can be told of it until then."""
        if not size:  # how the parser asks whether these are bytes
            return b""
        if self.unread > LARGEST:
            raise ImportCorrupt(f"{self._name}: one text is larger than {LARGEST >> 20} MiB")
        data = self._file.read(size)
        self._work.read(len(data))
        self.bytes += len(data)
        self.unread += len(data)
        return data

    def count(self) -> None:
        """Count a value or the name of one."""
        self._work.spend()
        self.values += 1
        self.unread = 0

    def begin(self) -> None:
        """Begin another element."""
        self.bytes = self.values = 0

    def refusal(self, depth: int) -> str | None:
        """Return which bound the element is over, if it is over one."""
        if depth > DEEPEST:
            return f"it is nested deeper than {DEEPEST} levels"
        if self.bytes > LARGEST:
            return f"it is larger than {LARGEST >> 20} MiB"
        if self.values > MOST_VALUES:
            return f"it has more than {MOST_VALUES} values"
        return None


def elements(file: Bytes, *, name: str, work: Work) -> Iterator[Element]:
    """
    Yield the elements of the array that `file` holds, in any Unicode encoding.

    Raises:
        UnknownFormat: it is a JSON object or a single value; what it is, if that is known.
        ImportCorrupt: it is not one whole JSON text, or is built to keep a reader busy.
    """
    try:
        yield from _elements(Counted(file, name, work), name)
    except (ijson.JSONError, ValueError):
        # The first quotes the file in its message; the other is a number of thousands of digits.
        raise ImportCorrupt(f"{name}: it is cut off, or is not JSON in UTF-8") from None


def _elements(counted: Counted, name: str) -> Iterator[Element]:
    events = events_of(counted, name)
    if next(events)[0] != "start_array":
        raise UnknownFormat(f"{name}: {_kind_of(events)}")
    depth, builder, refused = 1, None, None
    for event, value in events:
        step = STEPS.get(event, 0)
        refused = refused or counted.refusal(depth + step)
        if refused:
            builder = None
        elif depth + step >= 1:
            builder = builder or ijson.ObjectBuilder()
            builder.event(event, value)
        depth += step
        if depth == 1:
            yield Element(None, refused) if builder is None else Element(builder.value)
            builder = refused = None
            counted.begin()


def events_of(counted: Counted, name: str) -> Iterator[tuple[str, Any]]:
    """Yield the parser's events; the work that they are is counted."""
    depth = 0
    for event, value in ijson.basic_parse(counted, use_float=True, buf_size=_BLOCK):
        counted.count()
        depth += STEPS.get(event, 0)
        if depth > _DEEPEST_OF_ALL:
            raise ImportCorrupt(f"{name}: nested deeper than {_DEEPEST_OF_ALL} levels")
        yield event, value


def _kind_of(events: Iterator[tuple[str, Any]]) -> str:
    """Return what an object is, by the names in it; the file is read to the end of the object."""
    names, depth = set[str](), 1
    for event, value in events:
        depth += STEPS.get(event, 0)
        if event == "map_key" and depth == 1:
            names.add(value)
    return kind_of_object(names)
