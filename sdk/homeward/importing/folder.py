"""
Finds the files of a folder: a vault of notes, a mail folder, an export that was unpacked.

Links are not followed: one may lead out of the folder, or round in it.
"""

import os
from collections import Counter
from collections.abc import Callable, Container, Iterator
from functools import partial
from pathlib import Path, PurePosixPath

from homeward.files import open_regular
from homeward.importing import tree
from homeward.importing.documents.cut_document import sha256_of
from homeward.importing.items import Item
from homeward.importing.readers import suffix_of

Read = Callable[[Path, str], Iterator[Item]]
"""Yields what a file holds, given its path and what it is called."""
DEEPEST = 64  # folders within folders


UNREADABLE = "folders that may not be read"


def items(
    folder: Path,
    *,
    read: Read,
    readable: Container[str],
    seen: tree.Seen,
    only: str | None = None,
) -> Iterator[Item]:
    """
    Yield what the files of a folder hold, in the order of their names, and what is left out.

    `only`: the name within the folder of the one file to read.
    """
    skipped = Counter[str]()
    paths = _files(folder, skipped, DEEPEST) if only is None else [folder / only]
    leaves = (_leaf(path, folder, read) for path in paths)
    return tree.items(leaves, folder.name, readable=readable, seen=seen, skipped=skipped)


def files(
    folder: Path, *, readable: Container[str], skipped: Counter[str]
) -> Iterator[tuple[str, Path]]:
    """Yield the name within the folder and the path of each file that is read."""
    for path in _files(folder, skipped, DEEPEST):
        if suffix_of(path) in readable:
            yield path.relative_to(folder).as_posix(), path


def _leaf(path: Path, folder: Path, read: Read) -> tree.Leaf:
    within = PurePosixPath(path.relative_to(folder).as_posix())
    return tree.Leaf(within, str(within), partial(read, path, str(within)), partial(_sha256, path))


def _sha256(path: Path) -> str:
    with open_regular(path) as file:
        return sha256_of(file)


def _files(folder: Path, skipped: Counter[str], deepest: int) -> Iterator[Path]:
    try:
        with os.scandir(folder) as found:
            entries = {one.name: one for one in sorted(found, key=lambda one: one.name)}
    except OSError:
        skipped[UNREADABLE] += 1
        return
    for name, entry in entries.items():
        if entry.is_symlink():
            skipped["links, which are not followed"] += 1
        elif entry.is_dir():
            yield from _within(Path(entry.path), skipped, deepest)
        elif reason := tree.reason_to_skip(name, entries):
            skipped[reason] += 1
        else:
            yield Path(entry.path)


def _within(folder: Path, skipped: Counter[str], deepest: int) -> Iterator[Path]:
    if reason := tree.reason_to_skip_folder(folder.name):
        skipped[reason] += sum(len(files) for _, _, files in os.walk(folder))
    elif not deepest:
        skipped[f"folders more than {DEEPEST} deep"] += 1
    else:
        yield from _files(folder, skipped, deepest - 1)
