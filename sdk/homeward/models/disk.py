"""
Writes model files so that they are whole or absent, and checks their hashes.

Knows nothing of sources or of what the files mean.
"""

import hashlib
import os
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from types import TracebackType
from typing import Self

from homeward.errors import CannotWrite, DownloadFailed, ModelCorrupt
from homeward.models.entry import ModelFile
from homeward.models.progress import DownloadProgress, DownloadStage, Report

CHUNK = 1 << 20  # bytes; large enough that reading and hashing cost more than the loop


class PartialFile:
    """
    A pinned file on its way in: `NAME.part` grows, and becomes `NAME` once its hash is right.

    Guarantees:
        `NAME` exists only whole and checked. What was written to `NAME.part` survives a kill and
        is taken up again.
    """

    def __init__(self, folder: Path, file: ModelFile, report: Report) -> None:
        self.file = file
        self._target = folder / file.name
        self._part = folder / f"{file.name}.part"
        self._report = report

    def __enter__(self) -> Self:
        self._hash = hashlib.sha256()
        self.length = 0
        if self._part.exists():
            for chunk in chunks(self._part):
                self._hash.update(chunk)
                self.length += len(chunk)
                self._tell(DownloadStage.CHECKING)
        self._stream = self._part.open("ab")
        return self

    def __exit__(
        self, kind: type[BaseException] | None, _: object, __: TracebackType | None
    ) -> None:
        try:
            if kind is None:
                self._finish()
        finally:
            self._stream.close()

    def restart(self) -> None:
        """Throw away what is there, as the source cannot continue it."""
        self._stream.truncate(0)
        self._hash = hashlib.sha256()
        self.length = 0

    def write(self, chunk: bytes) -> None:
        """
        Append `chunk`.

        Raises:
            ModelCorrupt: the source sends more than the pinned size. Nothing is kept.
        """
        if self.length + len(chunk) > self.file.bytes:
            self._refuse(f"more than {self.file.bytes} bytes came")
        self._stream.write(chunk)
        self._hash.update(chunk)
        self.length += len(chunk)
        self._tell(DownloadStage.DOWNLOADING)

    def _finish(self) -> None:
        if self.length < self.file.bytes:
            raise DownloadFailed(
                f"{self.file.name}: {self.length} of {self.file.bytes} bytes came; try again"
            )
        found = self._hash.hexdigest()
        if found != self.file.sha256:
            self._refuse(f"its SHA-256 is {found}, not {self.file.sha256}")
        self._stream.flush()
        os.fsync(self._stream.fileno())  # the name must not outlive the bytes in a power cut
        self._stream.close()
        self._part.replace(self._target)

    def _refuse(self, why: str) -> None:
        self._stream.close()
        self._part.unlink(missing_ok=True)
        raise ModelCorrupt(f"{self.file.name} is not the pinned file: {why}")

    def _tell(self, stage: DownloadStage) -> None:
        self._report(DownloadProgress(stage, self.file.name, self.length, self.file.bytes))


def chunks(path: Path) -> Iterator[bytes]:
    """The bytes of `path` in pieces."""
    with path.open("rb") as stream:
        while chunk := stream.read(CHUNK):
            yield chunk


def sha256(path: Path) -> str:
    """SHA-256 of a file, hex."""
    with path.open("rb") as stream:
        return hashlib.file_digest(stream, "sha256").hexdigest()


def write_whole(path: Path, text: str) -> None:
    """Write `text` to `path` so that a crash leaves the old file or the new one."""
    part = path.with_name(f"{path.name}.part")
    with part.open("w", encoding="utf-8") as stream:
        stream.write(text)
        stream.flush()
        os.fsync(stream.fileno())
    part.replace(path)


@contextmanager
def writing(folder: Path) -> Iterator[None]:
    """
    Turn the failures of writing below `folder` into ours.

    Raises:
        CannotWrite: no permission, no space, a file in the way, or another fault of the disk.
    """
    try:
        yield
    except OSError as err:
        raise CannotWrite(f"{err.filename or folder}: {err.strerror}") from err


@contextmanager
def lock(path: Path, *, waiting: DownloadProgress, report: Report) -> Iterator[None]:
    """Hold the lock file `path`, waiting where another process does; a kill frees it."""
    with path.open("ab") as stream:
        if not _try_lock(stream.fileno()):
            report(waiting)
            _wait_lock(stream.fileno())
        yield


if sys.platform == "win32":
    import msvcrt
    import time

    def _try_lock(file: int) -> bool:
        try:
            msvcrt.locking(file, msvcrt.LK_NBLCK, 1)
        except OSError:
            return False
        return True

    def _wait_lock(file: int) -> None:
        while not _try_lock(file):
            time.sleep(0.2)

else:
    import fcntl

    def _try_lock(file: int) -> bool:
        try:
            fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            return False
        return True

    def _wait_lock(file: int) -> None:
        fcntl.flock(file, fcntl.LOCK_EX)
