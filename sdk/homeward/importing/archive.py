"""
Reads the chats in a zip file within bounds that a hostile archive cannot exceed.

A few bytes of an archive can become gigabytes, the same bytes can be named a thousand times, and
its list of names can be larger than the memory. What is read is bounded by the archive's own size.
"""

import os
import zipfile
from collections.abc import Iterator
from pathlib import PurePosixPath
from typing import BinaryIO, Protocol

from homeward.errors import ImportCorrupt, UnknownFormat
from homeward.importing.work_limits import Work

LARGEST_LIST = 2 << 20  # bytes of the list of names: about 20,000 files
EXPANSION = 100  # of the archive's bytes; text becomes five to twenty times as large
_AT_FIRST = 1 << 20  # bytes that even the smallest archive may become
_A_FILE = 100  # pieces: what it costs to open one of its files
_METHODS = frozenset((zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED))  # others take memory as they like


class Bytes(Protocol):
    """What is read from the front to the end."""

    def read(self, size: int, /) -> bytes:
        """Return at most `size` bytes; none at the end."""
        ...


class _Reader:
    """The archive's file, of which nothing large is read at once: its list of names would be."""

    def __init__(self, file: BinaryIO, name: str) -> None:
        self._file, self._name = file, name
        self.seek, self.tell = file.seek, file.tell

    def read(self, size: int = -1) -> bytes:
        if size > LARGEST_LIST:
            raise ImportCorrupt(f"{self._name}: its list of files is over {LARGEST_LIST >> 20} MiB")
        return self._file.read(size)

    def seekable(self) -> bool:
        return True


class _Expanding:
    """A file in the archive; all of them together grow no larger than they may."""

    def __init__(self, file: Bytes, left: list[int], name: str) -> None:
        self._file, self._left, self._name = file, left, name

    def read(self, size: int) -> bytes:
        data = self._file.read(size)
        self._left[0] -= len(data)
        if self._left[0] < 0:
            raise ImportCorrupt(
                f"{self._name}: it becomes more than {EXPANSION} times as large as it is"
            )
        return data


def chats(file: BinaryIO, *, name: str, work: Work) -> Iterator[tuple[str, Bytes]]:
    """
    Yield the name and the content of each `conversations….json`.

    Raises:
        UnknownFormat: there is none. ImportCorrupt: it is built to take memory or time.
        BadZipFile, zlib.error, EOFError, NotImplementedError, RuntimeError: damaged, encrypted.
    """
    with zipfile.ZipFile(_Reader(file, name)) as archive:
        wanted = sorted(filter(_is_wanted, archive.infolist()), key=lambda one: one.filename)
        if not wanted:
            raise UnknownFormat(f"{name}: it holds no conversations.json")
        left = [_AT_FIRST + EXPANSION * file.seek(0, os.SEEK_END)]
        for one in wanted:
            work.spend(_A_FILE)
            if one.compress_type not in _METHODS:
                raise ImportCorrupt(
                    f"{name}: its compression method is not supported; pack it with deflate"
                )
            with archive.open(one) as content:
                yield f"{name}/{PurePosixPath(one.filename).name}", _Expanding(content, left, name)


def _is_wanted(one: zipfile.ZipInfo) -> bool:
    name = PurePosixPath(one.filename).name
    return name.startswith("conversations") and name.endswith(".json")
