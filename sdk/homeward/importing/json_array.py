"""The elements of a JSON array, one after another, in bounded memory."""

from collections.abc import Iterator
from typing import IO, Any

import ijson

from homeward.errors import ImportCorrupt

DEEPEST = 100  # levels; chats have about ten, and each level of a hostile file costs memory
LARGEST = 64 * 2**20  # bytes of one element


class _Counted:
    """A file that counts what was read since it was last asked to start anew."""

    def __init__(self, file: IO[bytes], name: str) -> None:
        self._file, self._name = file, name
        self.since = 0

    def read(self, size: int) -> bytes:
        """Read, unless one element has grown too large."""
        if self.since > LARGEST:
            raise ImportCorrupt(f"{self._name}: one entry is larger than {LARGEST >> 20} MB")
        data = self._file.read(size)
        self.since += len(data)
        return data


def elements(file: IO[bytes], *, name: str) -> Iterator[Any]:
    """
    Yield the elements of the array that `file` holds.

    Raises:
        ImportCorrupt: it is not one whole JSON array, or is too deep or too large in one place.
    """
    counted = _Counted(file, name)
    try:
        yield from _elements(counted, name)
    except ijson.JSONError:  # its message quotes the file
        raise ImportCorrupt(f"{name}: it is cut off, or is not JSON") from None


def _elements(counted: _Counted, name: str) -> Iterator[Any]:
    depth, builder = 0, None
    for event, value in ijson.basic_parse(counted, use_float=True):
        step = {"start_map": 1, "start_array": 1, "end_map": -1, "end_array": -1}.get(event, 0)
        if depth == 0 and event != "start_array":
            raise ImportCorrupt(f"{name}: it holds no list")
        if depth + step > DEEPEST:
            raise ImportCorrupt(f"{name}: nested deeper than {DEEPEST} levels")
        if depth >= 1 and depth + step >= 1:
            builder = builder or ijson.ObjectBuilder()
            builder.event(event, value)
        depth += step
        if depth == 1 and builder is not None:
            yield builder.value
            builder, counted.since = None, 0
