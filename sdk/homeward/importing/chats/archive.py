"""
Reads the chats in a zip file within bounds that a hostile archive cannot exceed.

A few bytes of an archive can become gigabytes, the same bytes can be named a thousand times, and
its list of names can be larger than the memory. What is read is bounded by the archive's own size.
"""

import os
import zipfile
from collections.abc import Callable, Iterator
from pathlib import PurePosixPath
from typing import BinaryIO

from homeward.errors import ImportCorrupt, UnknownFormat
from homeward.importing.items import LeftOut
from homeward.importing.reading.unicode_input import Bytes
from homeward.importing.reading.work_limits import Work

LARGEST_LIST = 2 << 20  # bytes of the list of names: about 20,000 files
EXPANSION = 100  # of the archive's bytes; text becomes five to twenty times as large
_AT_FIRST = 1 << 20  # bytes that even the smallest archive may become
_A_FILE = 100  # pieces: what it costs to open one of its files
_OTHERS = (("projects", "projects of Claude"), ("memories", "Claude's memories"))
_KINDS: tuple[tuple[Callable[[str, str], bool], str], ...] = (
    (lambda last, _: last.endswith(".zip"), "it holds another zip file; unpack it and give that"),
    (
        lambda last, _: last.endswith(".txt") and "chat" in last,
        "it is an export of WhatsApp, which is not read; unpack it and give the .txt file",
    ),
    (
        lambda _, path: path.startswith("takeout/"),
        "it is an export of Google Takeout; unpack it and give an .mbox file or texts in it",
    ),
    (
        lambda last, path: last.endswith(".json") and ("/" not in path or "projects/" in path),
        "its JSON files, such as projects of Claude, are not read; give the conversations.json",
    ),
)
_METHODS = frozenset((zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED))  # others take memory as they like


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


def chats(file: BinaryIO, *, name: str, work: Work) -> Iterator[tuple[str, Bytes] | LeftOut]:
    """
    Yield the name and the content of each `conversations….json`, and what else is not read.

    Raises:
        UnknownFormat: there is none. ImportCorrupt: it is built to take memory or time.
        BadZipFile, zlib.error, EOFError, NotImplementedError, RuntimeError: damaged, encrypted.
    """
    with zipfile.ZipFile(_Reader(file, name)) as archive:
        wanted = sorted(filter(_is_wanted, archive.infolist()), key=lambda one: one.filename)
        if not wanted:
            raise UnknownFormat(f"{name}: {_kind_of(archive.namelist())}")
        left = [_AT_FIRST + EXPANSION * file.seek(0, os.SEEK_END)]
        for one in wanted:
            work.spend(_A_FILE)
            if one.compress_type not in _METHODS:
                raise ImportCorrupt(
                    f"{name}: its compression method is not supported; pack it with deflate"
                )
            with archive.open(one) as content:
                yield f"{name}/{_last(one.filename)}", _Expanding(content, left, name)
        yield from _others(archive.namelist(), name)


def _last(name: str) -> str:
    return PurePosixPath(name).name


def _is_wanted(one: zipfile.ZipInfo) -> bool:
    name = _last(one.filename).lower()
    return name.startswith("conversations") and name.endswith(".json")


def _others(names: list[str], name: str) -> Iterator[LeftOut]:
    """Yield what holds words of the person or about them beside the chats."""
    for start, what in _OTHERS:
        count = sum(one.lower().startswith(start) and one.endswith(".json") for one in names)
        if count:
            yield LeftOut(f"{name}/{start}", f"{what} are not read; files of them: {count}")


def _kind_of(names: list[str]) -> str:
    for fits, what in _KINDS:
        if any(fits(_last(one).lower(), one.lower()) for one in names):
            return what
    return "it holds no conversations.json; unpack it and give the files in it that are texts"
