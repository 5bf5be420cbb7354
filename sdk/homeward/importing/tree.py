"""
Reads the files of a folder or an archive one by one.

A file that cannot be read costs no other. What is no text of the person's is not opened, and
counted by its kind.
"""

from collections import Counter
from collections.abc import Callable, Container, Iterable, Iterator
from dataclasses import dataclass
from pathlib import PurePosixPath

from homeward.errors import CannotImport
from homeward.importing import images, kinds
from homeward.importing.items import FileRead, Item, LeftOut, digest_of
from homeward.importing.readers import suffix_of

Seen = Callable[[bytes], bool]
"""Whether what has this digest was imported before."""
_NOT_NOTES = {
    ".obsidian": "settings of Obsidian",
    ".trash": "files in the trash",
    ".stversions": "old versions that Syncthing keeps",
    ".git": "files of Git",
    "__macosx": "what macOS notes of files",
}


@dataclass(frozen=True, slots=True)
class Leaf:
    """A file: its path within the whole, and how it is read."""

    path: PurePosixPath
    name: str  # what reports call it
    items: Callable[[], Iterator[Item]]
    sha256: Callable[[], str] | None = None  # None where the whole is one file, and read as one


def items(
    leaves: Iterable[Leaf],
    name: str,
    *,
    readable: Container[str],
    seen: Seen,
    skipped: Counter[str],
) -> Iterator[Item]:
    """
    Yield what files hold whose suffix is `readable`, and what is left out.

    `skipped` grows while `leaves` are found, and is told at the end.

    A file that was read before and has the same bytes is not read again, and yields its mark alone.
    """
    for leaf in leaves:
        suffix = suffix_of(leaf.path)
        if suffix not in readable:
            skipped[_kind(suffix)] += 1
            continue
        try:
            yield from _read(leaf, suffix, seen)
        except CannotImport as error:
            said = str(error).removeprefix(f"{leaf.name}: ").removeprefix(f"{leaf.path.name}: ")
            yield LeftOut(leaf.name, said)
    for what, count in sorted(skipped.items()):
        yield LeftOut(name, f"{what}: {count}")


def _read(leaf: Leaf, suffix: str, seen: Seen) -> Iterator[Item]:
    if leaf.sha256 is None:
        yield from leaf.items()
        return
    digest = digest_of("file", suffix, leaf.sha256())
    if not seen(digest):
        yield from leaf.items()
    yield FileRead(digest)


def reason_to_skip_folder(name: str) -> str | None:
    """Return what lies in a folder of this name, if it is nothing of the person's."""
    hidden = "files in hidden folders" if name.startswith(".") else None
    return _NOT_NOTES.get(name.lower(), hidden)


def reason_to_skip(name: str, beside: Iterable[str]) -> str | None:
    """Return why a file is not read that has this name, and these `beside` it; None if it is."""
    if name.startswith((".", "~$")):
        return "hidden files"
    stem, _, suffix = name.rpartition(".")
    if suffix == "html" and f"{stem}.json" in beside:
        return "pages of what is read from the data beside them"
    return None


def _kind(suffix: str) -> str:
    if suffix in images.SUFFIXES:
        return "images, which are taken in one by one, with a caption"
    what = (kinds.kind_of(b"", suffix) or "").removeprefix("by its name, it is ")
    return f"{suffix} files, each {what}" if what else f"{suffix} files, which are not read"
