"""
Tells what a zip file is by the names in it, and reads it: a document, chats, or files in folders.

An export of WhatsApp, a Takeout of Google and a vault that was packed are files in folders.
"""

from collections import Counter, defaultdict
from collections.abc import Iterator
from dataclasses import replace
from functools import partial
from pathlib import PurePosixPath

from homeward.errors import UnknownFormat
from homeward.importing import tree
from homeward.importing.chats import archive, export
from homeward.importing.documents import package
from homeward.importing.items import Item
from homeward.importing.named_file import NamedFile
from homeward.importing.readers import READERS, suffix_of
from homeward.importing.reading.damage import translated
from homeward.importing.reading.packed import LARGEST_WHOLE, OpenedZip

_STREAMED = frozenset((".mbox", ".mbx", ".json", ".txt", ".md"))  # read from the front to the end


def items(source: NamedFile) -> Iterator[Item]:
    """
    Yield what a zip file holds.

    Raises:
        UnknownFormat: nothing in it is read, or it is no zip file. As `OpenedZip`.
    """
    with package.opened(source) as (packed, work):
        if read := package.reader_of(packed):
            yield from read(packed, source)
        elif any(map(archive.is_chats, packed.names)):
            yield from export.zipped(packed, work)
        else:
            yield from _files(packed, source)


def _files(packed: OpenedZip, source: NamedFile) -> Iterator[Item]:
    skipped = Counter[str]()
    leaves = list(_leaves(packed, source, skipped))
    if not any(suffix_of(leaf.path) in READERS for leaf in leaves):
        is_nested = any(one.lower().endswith(".zip") for one in packed.names)
        what = "it holds another zip file" if is_nested else "nothing in it is read"
        raise UnknownFormat(f"{source.name}: {what}; unpack it, and give the files that are texts")
    yield from tree.items(leaves, source.name, readable=READERS, seen=_never, skipped=skipped)


def _never(_: bytes) -> bool:
    return False


def _leaves(packed: OpenedZip, source: NamedFile, skipped: Counter[str]) -> Iterator[tree.Leaf]:
    folders: dict[str, set[str]] = defaultdict(set)
    paths = [PurePosixPath(name) for name in sorted(packed.names)]
    for path in paths:
        folders[str(path.parent)].add(path.name)
    for path in paths:
        reason = next(filter(None, map(tree.reason_to_skip_folder, path.parts[:-1])), None)
        reason = reason or tree.reason_to_skip(path.name, folders[str(path.parent)])
        if reason is None and path.suffix.lower() == ".zip":
            reason = "zip files in it, which are to be unpacked"
        if reason:
            skipped[reason] += 1
        else:
            name = f"{source.name}/{path}"
            yield tree.Leaf(path, name, partial(_read, packed, path, name, source))


def _read(packed: OpenedZip, path: PurePosixPath, name: str, source: NamedFile) -> Iterator[Item]:
    suffix = suffix_of(path)
    with translated(name):
        large = packed.size(str(path)) > LARGEST_WHOLE and suffix in _STREAMED
        file = packed.restartable(str(path)) if large else packed.whole(str(path))
        changed_at = packed.changed_at(str(path))
        yield from READERS[suffix](replace(source, file=file, name=name, changed_at=changed_at))
