"""
Opens the files in a zip archive within bounds that a hostile one cannot exceed.

A few bytes of an archive can become gigabytes, the same bytes can be named a thousand times, and
its list of names can be larger than the memory. What is read is bounded by the archive's own size.
"""

import io
import os
import zipfile
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from datetime import UTC, datetime
from typing import BinaryIO, Self, cast

from homeward.errors import ImportCorrupt
from homeward.importing.reading.unicode_input import Bytes
from homeward.importing.reading.work_limits import Work

LARGEST_LIST = 2 << 20  # bytes of the list of names: about 20,000 files
EXPANSION = 100  # of the archive's bytes; text becomes five to twenty times as large
LARGEST_WHOLE = 32 << 20  # bytes of a file in it that are held in memory at once
_AT_FIRST = 1 << 20  # bytes that even the smallest archive may become
_A_FILE = 100  # pieces: what it costs to open one of its files
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


class OpenedZip:
    """
    A zip archive: what lies in it, by names.

    Raises:
        ImportCorrupt: it is built to take memory or time.
        BadZipFile, zlib.error, EOFError, NotImplementedError, RuntimeError: damaged, encrypted.
    """

    def __init__(self, file: BinaryIO, name: str, work: Work) -> None:
        self.name = name
        self._work = work
        self._archive = zipfile.ZipFile(_Reader(file, name))
        self._left = [_AT_FIRST + EXPANSION * file.seek(0, os.SEEK_END)]
        self._infos = {one.filename: one for one in self._archive.infolist() if not one.is_dir()}

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self._archive.close()

    @property
    def names(self) -> list[str]:
        """The names of its files, in the archive's order; of two with one name, the last."""
        return list(self._infos)

    def changed_at(self, name: str) -> datetime | None:
        """Return when a file was changed last; the archive does not say in which time zone."""
        try:
            return datetime(*self._infos[name].date_time, tzinfo=UTC)
        except ValueError:
            return None

    def size(self, name: str) -> int:
        """Return how many bytes a file says that it becomes; more are never read of it."""
        return self._infos[name].file_size

    @contextmanager
    def open(self, name: str) -> Iterator[Bytes]:
        """Open a file to be read once, from the front to the end."""
        self._work.spend(_A_FILE)
        if self._infos[name].compress_type not in _METHODS:
            raise ImportCorrupt(
                f"{self.name}: its compression method is not supported; pack it with deflate"
            )
        with self._archive.open(self._infos[name]) as content:
            yield _Expanding(content, self._left, self.name)

    def whole(self, name: str) -> BinaryIO:
        """
        Return a file that can be read from any place.

        Raises:
            ImportCorrupt: it is too large to be held in memory.
        """
        with self.open(name) as content:
            data = content.read(LARGEST_WHOLE + 1)
        if len(data) > LARGEST_WHOLE:
            raise ImportCorrupt(
                f"{self.name}: a file in it is larger than {LARGEST_WHOLE >> 20} MiB; unpack it"
            )
        return io.BytesIO(data)

    def restartable(self, name: str) -> BinaryIO:
        """Return a file that is read from the front to the end, again after `seek(0)`."""
        return cast("BinaryIO", _Restartable(self, name))


class _Restartable:
    """A file that is too large to be held in memory."""

    def __init__(self, packed: OpenedZip, name: str) -> None:
        self._packed, self._name = packed, name
        self._opened = ExitStack()
        self._file: Bytes | None = None

    def read(self, size: int = -1) -> bytes:
        if self._file is None:
            self._file = self._opened.enter_context(self._packed.open(self._name))
        return self._file.read(size)

    def seek(self, place: int, whence: int = 0) -> int:
        if place or whence:
            raise ImportCorrupt(f"{self._packed.name}: a file in it is too large; unpack it")
        self._opened.close()
        self._file = None
        return 0
