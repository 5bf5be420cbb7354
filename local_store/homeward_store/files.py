"""Writes files so that they survive a power cut."""

import contextlib
import errno
import os
import sys
from collections.abc import Iterator
from pathlib import Path

from homeward_store.errors import StoreError, StoreFull, StoreUnwritable

PRIVATE_FILE = 0o600
PRIVATE_FOLDER = 0o700
PARTIAL = ".part"  # suffix of a file that is still being written; swept when a profile opens


@contextlib.contextmanager
def translated(path: Path) -> Iterator[None]:
    """Turn the operating system's refusals into the store's errors."""
    try:
        yield
    except OSError as error:
        raise _translate(error, path) from None


def _translate(error: OSError, path: Path) -> StoreError:
    if error.errno in (errno.ENOSPC, errno.EDQUOT):
        return StoreFull(f"no space left while writing {path.name}")
    return StoreUnwritable(f"{path.name}: {os.strerror(error.errno or errno.EIO)}")


def create_private(path: Path) -> None:
    """Make an empty file that only its owner can read, before anything is written to it."""
    os.close(os.open(path, os.O_CREAT | os.O_EXCL | os.O_WRONLY, PRIVATE_FILE))


def write_durably(path: Path, data: bytes) -> None:
    """
    Replace `path` by `data`, or leave it as it was.

    Guarantees:
        After a crash at any point the file holds the old bytes or the new ones. When this
        returns, the new ones have reached the disk.
    """
    partial = path.with_name(path.name + PARTIAL)
    with translated(path):
        partial.unlink(missing_ok=True)
        create_private(partial)
        with partial.open("wb") as file:
            file.write(data)
            file.flush()
            os.fsync(file.fileno())
        publish(partial, path)


def publish(partial: Path, path: Path) -> None:
    """Give a fully written file its name, durably."""
    partial.replace(path)
    sync_folder(path.parent)


def sync_file(path: Path) -> None:
    """Wait until the file's bytes have reached the disk."""
    handle = os.open(path, os.O_RDONLY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)


def sync_folder(path: Path) -> None:
    """Wait until the folder's names have reached the disk."""
    if sys.platform != "win32":  # pragma: no branch  NTFS journals its names itself
        sync_file(path)


def shred(path: Path) -> None:
    """Overwrite a small file where it lies and remove it. A flash disk may keep the old blocks."""
    with path.open("r+b") as file:
        file.write(os.urandom(path.stat().st_size))
        file.flush()
        os.fsync(file.fileno())
    path.unlink()
    sync_folder(path.parent)
