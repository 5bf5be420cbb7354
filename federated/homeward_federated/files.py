"""Writes every file of the federation, so that each is whole or absent after a crash."""

import os
from pathlib import Path

_ANYBODY_READS, _OWNER_READS = 0o644, 0o600


def write(path: Path, data: bytes | str) -> None:
    """
    Replace `path` by `data`, or leave it as it was.

    Guarantees:
        After a crash at any point the file holds the old bytes or the new ones. When this
        returns, the new ones have reached the disk.
    """
    _write(path, data, mode=_ANYBODY_READS)


def write_secret(path: Path, data: bytes | str) -> None:
    """
    Write a new file that only its owner may read, with the guarantees of `write`.

    Raises:
        FileExistsError: it is there already; a key is never overwritten.
    """
    if path.exists():
        raise FileExistsError(f"{path} exists already")
    _write(path, data, mode=_OWNER_READS)


def append(path: Path, data: bytes) -> None:
    """Add `data` to the end of `path`; on the disk before this returns."""
    with path.open("ab") as file:
        file.write(data)
        file.flush()
        os.fsync(file.fileno())


def _write(path: Path, data: bytes | str, *, mode: int) -> None:
    partial = path.with_name(path.name + ".part")
    partial.unlink(missing_ok=True)
    with os.fdopen(os.open(partial, os.O_WRONLY | os.O_CREAT | os.O_EXCL, mode), "wb") as file:
        file.write(data.encode() if isinstance(data, str) else data)
        file.flush()
        os.fsync(file.fileno())
    partial.replace(path)
    if os.name != "nt":  # NTFS journals its names itself
        _sync_folder(path.parent)


def _sync_folder(folder: Path) -> None:
    handle = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)
