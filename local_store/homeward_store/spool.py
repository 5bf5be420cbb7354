"""
Keeps what came through a pipe for as long as it is needed, encrypted, in a file that has no name.

A pipe is read once, and an import reads twice. The key lies in memory only, and the system removes
the file with the process that has it open, however that ends: what a power cut leaves of it on the
disk, nobody can read.
"""

import io
import tempfile
from collections.abc import Iterable
from pathlib import Path
from typing import IO, BinaryIO, Self

from homeward_store import files
from homeward_store.keys import sealing
from homeward_store.keys.key_wrapping import TAG_BYTES
from homeward_store.secret import Secret

_SEALED = sealing.CHUNK_BYTES + TAG_BYTES


class Spool:
    """The bytes of a stream, to be read from any place and as often as needed."""

    def __init__(self, folder: Path, pieces: Iterable[bytes]) -> None:
        """
        Read `pieces` to their end.

        Raises:
            StoreFull, StoreUnwritable. Whatever `pieces` raise; nothing is left then.
        """
        self._folder, self._key, self._size = folder, Secret.random(), 0
        with files.translated(folder):
            # Where a file has to have a name for a moment, it is one that the next opening sweeps.
            self._file: IO[bytes] = tempfile.TemporaryFile(  # noqa: SIM115  closed by `close`
                dir=folder, prefix=".", suffix=files.PARTIAL
            )
        try:
            self._fill(pieces)
        except BaseException:
            self.close()
            raise

    def open(self) -> BinaryIO:
        """Return the bytes as a file that is read from its beginning."""
        return io.BufferedReader(_Reading(self), sealing.CHUNK_BYTES)

    def close(self) -> None:
        """Remove the file, and wipe the key."""
        self._key.wipe()
        self._file.close()

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    @property
    def size(self) -> int:
        """How many bytes there are."""
        return self._size

    def chunk(self, number: int) -> bytes:
        """Return a stretch of `sealing.CHUNK_BYTES`; the last one is shorter, and empty past it."""
        if number * sealing.CHUNK_BYTES >= self._size:
            return b""
        with files.translated(self._folder):
            self._file.seek(number * _SEALED)
            sealed = self._file.read(_SEALED)
        return sealing.open_chunk(self._key.expose(), number, sealed)

    def _fill(self, pieces: Iterable[bytes]) -> None:
        for number, chunk in enumerate(sealing.rechunked(pieces)):
            with files.translated(self._folder):
                self._file.write(sealing.seal_chunk(self._key.expose(), number, chunk))
            self._size += len(chunk)
        with files.translated(self._folder):
            self._file.flush()


class _Reading(io.RawIOBase):
    """One reader of a spool, at its own place."""

    def __init__(self, spool: Spool) -> None:
        self._spool, self._at = spool, 0

    def readable(self) -> bool:
        return True

    def seekable(self) -> bool:
        return True

    def seek(self, offset: int, whence: int = io.SEEK_SET) -> int:
        start = {io.SEEK_SET: 0, io.SEEK_CUR: self._at, io.SEEK_END: self._spool.size}[whence]
        self._at = max(0, start + offset)
        return self._at

    def readinto(self, buffer: "memoryview | bytearray") -> int:  # type: ignore[override]
        number, offset = divmod(self._at, sealing.CHUNK_BYTES)
        piece = self._spool.chunk(number)[offset : offset + len(buffer)]
        buffer[: len(piece)] = piece
        self._at += len(piece)
        return len(piece)
