"""Reads objects of JSON that hold long lists of records: each record as it comes, and the rest."""

from collections.abc import Iterator
from dataclasses import dataclass
from io import BytesIO
from typing import Any

import ijson

from homeward.errors import ImportCorrupt
from homeward.importing.chats.json_array import STEPS, Counted, Element, events_of
from homeward.importing.reading.unicode_input import Bytes, encoding_of
from homeward.importing.reading.work_limits import Work

HEAD = 64 << 10  # bytes in which the names stand that tell what a file is


@dataclass(frozen=True, slots=True)
class OtherValue:
    """A value outside of the records; its path has the names that lead to it, "" for a list."""

    path: tuple[str, ...]
    value: Any


def records(
    file: Bytes, *, list_name: str, name: str, work: Work
) -> Iterator[OtherValue | Element]:
    """
    Yield each object in the lists called `list_name`, and each other value that is none.

    Raises:
        ImportCorrupt: it is not one whole JSON text, or is built to keep a reader busy.
    """
    try:
        yield from _records(Counted(file, name, work), list_name, name)
    except (ijson.JSONError, ValueError):
        raise ImportCorrupt(f"{name}: it is cut off, or is not JSON in UTF-8") from None


def _records(counted: Counted, list_name: str, name: str) -> Iterator[OtherValue | Element]:
    path, record, depth = list[str](), _Record(counted), 0
    for event, value in events_of(counted, name):
        step = STEPS.get(event, 0)
        if depth:
            depth += step
            record.add(event, value, depth)
            if not depth:
                yield record.finished()
        elif event == "start_map" and path[-2:] == [list_name, ""]:
            depth = 1
            record.add(event, value, depth)
        elif event == "map_key":
            path[-1] = value
        elif step > 0:
            path.append("")
        elif step < 0:
            path.pop()
        else:
            yield OtherValue(tuple(path), value)


class _Record:
    """A record that is being read; one over a bound is not kept."""

    def __init__(self, counted: Counted) -> None:
        self._counted = counted
        self._builder: ijson.ObjectBuilder | None = None
        self._refused: str | None = None

    def add(self, event: str, value: Any, depth: int) -> None:  # noqa: ANN401  whatever JSON holds
        if self._builder is None and self._refused is None:
            self._builder = ijson.ObjectBuilder()
            self._counted.begin()
        self._refused = self._refused or self._counted.refusal(depth)
        if self._refused:
            self._builder = None
        elif self._builder is not None:
            self._builder.event(event, value)

    def finished(self) -> Element:
        value = self._builder.value if self._builder else None
        found = Element(value, self._refused)
        self._builder = self._refused = None
        return found


def names_in(head: bytes) -> tuple[bool, frozenset[str]]:
    """Return whether JSON that begins so is a list, and the names in it or its first element."""
    encoding, mark = encoding_of(head)
    text = head[mark:].decode(encoding, "ignore").encode()
    names, depth, wanted = set[str](), 0, 1
    try:
        for event, value in ijson.basic_parse(BytesIO(text), use_float=True):
            depth += STEPS.get(event, 0)
            if depth == 1 and event == "start_array":
                wanted = 2
            if event == "map_key" and depth == wanted:
                names.add(value)
            if depth == wanted - 1 == 1 and event == "end_map":
                break
    except (ijson.JSONError, ValueError):
        pass  # it goes on behind the head
    return wanted == 2, frozenset(names)
