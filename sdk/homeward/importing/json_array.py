"""Reads a JSON array element by element, in bounded memory and counted work."""

from collections.abc import Iterator
from typing import Any

import ijson

from homeward.errors import ImportCorrupt
from homeward.importing.archive import Bytes
from homeward.importing.work_limits import Work

DEEPEST = 100  # levels; chats have about ten, and each level of a hostile file costs memory
LARGEST = 8 << 20  # bytes of one element: read, decoded and joined it takes ten times as much
MOST_VALUES = 250_000  # of one element; a message of a chat has about 40
_BLOCK = 1 << 20  # bytes; with each block the parser looks at an unfinished text from its start


class _Counted:
    """A file that counts what was read of one element."""

    def __init__(self, file: Bytes, name: str, work: Work) -> None:
        self._file, self._name, self._work = file, name, work
        self.bytes = self.values = 0

    def read(self, size: int) -> bytes:
        """Read, unless one element has grown too large."""
        if self.bytes > LARGEST:
            raise ImportCorrupt(f"{self._name}: one entry is larger than {LARGEST >> 20} MiB")
        data = self._file.read(size)
        self._work.read(len(data))
        self.bytes += len(data)
        return data

    def count(self) -> None:
        """Count a value or the name of one."""
        self._work.spend()
        self.values += 1
        if self.values > MOST_VALUES:
            raise ImportCorrupt(f"{self._name}: one entry has more than {MOST_VALUES} values")

    def begin(self) -> None:
        """Begin another element."""
        self.bytes = self.values = 0


def elements(file: Bytes, *, name: str, work: Work) -> Iterator[Any]:
    """
    Yield the elements of the array that `file` holds.

    Raises:
        ImportCorrupt: it is not one whole JSON array, or is too deep or too large in one place.
    """
    try:
        yield from _elements(_Counted(file, name, work), name)
    except (ijson.JSONError, ValueError):
        # The first quotes the file in its message; the other is a number of thousands of digits.
        raise ImportCorrupt(f"{name}: it is cut off, or is not JSON") from None


def _elements(counted: _Counted, name: str) -> Iterator[Any]:
    depth, builder = 0, None
    for event, value in ijson.basic_parse(counted, use_float=True, buf_size=_BLOCK):
        counted.count()
        step = {"start_map": 1, "start_array": 1, "end_map": -1, "end_array": -1}.get(event, 0)
        if depth == 0 and event != "start_array":
            raise ImportCorrupt(f"{name}: it contains no JSON list")
        if depth + step > DEEPEST:
            raise ImportCorrupt(f"{name}: nested deeper than {DEEPEST} levels")
        if depth >= 1 and depth + step >= 1:
            builder = builder or ijson.ObjectBuilder()
            builder.event(event, value)
        depth += step
        if depth == 1 and builder is not None:
            yield builder.value
            builder = None
            counted.begin()
