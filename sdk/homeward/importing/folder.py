"""
Reads a folder file by file: a vault of notes, a mail folder, an export that was unpacked.

A file that cannot be read costs no other. What is no text of the person's is not opened, and
counted by its kind. Links are not followed: one may lead out of the folder, or round in it.
"""

import os
from collections import Counter
from collections.abc import Callable, Iterator
from pathlib import Path, PurePosixPath

from homeward.errors import CannotImport
from homeward.files import open_regular
from homeward.importing import images, kinds
from homeward.importing.documents.cut_document import sha256_of
from homeward.importing.items import FileRead, Item, LeftOut, digest_of
from homeward.importing.readers import READERS, suffix_of

Read = Callable[[Path, str], Iterator[Item]]
"""Yields what a file holds, given its path and what it is called."""
Seen = Callable[[bytes], bool]
"""Whether what has this digest was imported before."""

DEEPEST = 64  # folders within folders
_NOT_NOTES = {
    ".obsidian": "settings of Obsidian",
    ".trash": "files in the trash",
    ".stversions": "old versions that Syncthing keeps",
    ".git": "files of Git",
    "__macosx": "what macOS notes of files",
}


def items(folder: Path, *, read: Read, seen: Seen) -> Iterator[Item]:
    """
    Yield what the files of a folder hold, in the order of their names, and what is left out.

    A file that was read before and has the same bytes is not read again, and yields its mark alone.
    """
    skipped = Counter[str]()
    for path in _files(folder, skipped, DEEPEST):
        name = PurePosixPath(path.relative_to(folder)).as_posix()
        suffix = suffix_of(path)
        if suffix not in READERS:
            skipped[_kind(suffix)] += 1
            continue
        try:
            yield from _file(path, name, suffix, read, seen)
        except CannotImport as error:
            yield LeftOut(name, str(error).removeprefix(f"{name}: ").removeprefix(f"{path.name}: "))
    for what, count in sorted(skipped.items()):
        yield LeftOut(folder.name, f"{what}: {count}")


def _file(path: Path, name: str, suffix: str, read: Read, seen: Seen) -> Iterator[Item]:
    with open_regular(path) as file:
        digest = digest_of("file", suffix, sha256_of(file))
    if not seen(digest):
        yield from read(path, name)
    yield FileRead(digest)


def _files(folder: Path, skipped: Counter[str], deepest: int) -> Iterator[Path]:
    try:
        with os.scandir(folder) as found:
            entries = sorted(found, key=lambda one: one.name)
    except OSError:
        skipped["folders that may not be read"] += 1
        return
    for entry in entries:
        if entry.is_symlink():
            skipped["links, which are not followed"] += 1
        elif entry.is_dir():
            yield from _within(Path(entry.path), skipped, deepest)
        elif entry.name.startswith((".", "~$")):
            skipped["hidden files"] += 1
        else:
            yield Path(entry.path)


def _within(folder: Path, skipped: Counter[str], deepest: int) -> Iterator[Path]:
    name = folder.name.lower()
    what = _NOT_NOTES.get(name, "files in hidden folders" if name.startswith(".") else "")
    if what:
        skipped[what] += sum(len(files) for _, _, files in os.walk(folder))
    elif not deepest:
        skipped[f"folders more than {DEEPEST} deep"] += 1
    else:
        yield from _files(folder, skipped, deepest - 1)


def _kind(suffix: str) -> str:
    if suffix in images.SUFFIXES:
        return "images, which are taken in one by one, with a caption"
    what = (kinds.kind_of(b"", suffix) or "").removeprefix("by its name, it is ")
    return f"{suffix} files, each {what}" if what else f"{suffix} files, which are not read"
