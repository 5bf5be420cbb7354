"""
Recognizes a file's format and yields its items; only `folder` and `images` open others.

What a file may cost is counted (`reading.work_limits`): none keeps the program busy or fills its
memory.

The parsers are imported when a file needs them (`readers`).
"""

from collections import Counter
from collections.abc import Callable, Iterator
from datetime import UTC, datetime
from functools import partial
from pathlib import Path
from typing import BinaryIO

from homeward.errors import CannotSee, UnknownFormat
from homeward.extraction.pdf import PdfChild
from homeward.files import open_regular
from homeward.importing import folder, images, kinds
from homeward.importing.items import Caption, Item
from homeward.importing.named_file import NamedFile
from homeward.importing.readers import READERS, Reader, suffix_of
from homeward.importing.reading.damage import translated
from homeward.importing.storable import storable
from homeward.importing.tree import Seen


def _zip(source: NamedFile) -> Iterator[Item]:
    from homeward.importing import zipped

    return zipped.items(source)


_READERS: dict[str, Reader] = {**READERS, ".zip": _zip}


def _blind(path: Path) -> Caption:
    raise CannotSee(f"{path.name}: no language model that reads images is loaded; give a caption")


def _never(_: bytes) -> bool:
    return False


def items_of(
    path: Path,
    *,
    text: str | None = None,
    caption: Callable[[Path], Caption] = _blind,
    i_am: str | None = None,
    seen: Seen = _never,
    only: str | None = None,
) -> Iterator[Item]:
    """
    Yield what can be imported from a file or a folder, in bounded memory and time.

    The formats are in `readers.READERS`, and docs/how-to/import.md says what becomes of each; of an
    image, the `text` that was said of it or read in it, else what `caption` says of it. What cannot
    be read of a file is a `LeftOut`, and the rest is read. `i_am` is the name by which the person
    writes in a chat. A file of a folder that was `seen` is not read again; `only` names the one
    file of a folder to read.

    Guarantees:
        Every item can be stored. Less than 128 MiB beside what the program takes anyhow, and a time
        that grows with the bytes of the file and no faster (`python -m benchmarks.import_bombs`).

    Raises:
        CannotRead: there is no such file, it may not be read, or it is a pipe or a device.
        CannotSee: an image without `text`, and nothing that says more of it. ImageError: it cannot
            be shown to what would.
        UnknownFormat: none of these. ImportCorrupt: cut off, damaged, wrongly encoded, or built to
            keep the program busy.
    """
    with translated(path.name), PdfChild() as pdfs:
        if path.is_dir():
            read = partial(_file, i_am=i_am, pdfs=pdfs)
            found = folder.items(path, read=read, readable=_READERS, seen=seen, only=only)
        elif suffix_of(Path(path.name)) in images.SUFFIXES:
            found = _image(path, text, caption)
        else:
            found = _file(path, path.name, i_am=i_am, pdfs=pdfs)
        yield from _storable(found)


def files_of(path: Path, skipped: Counter[str]) -> Iterator[tuple[str, Path]]:
    """Yield the name within a folder and the path of each file that `items_of` reads of it."""
    return folder.files(path, readable=_READERS, skipped=skipped)


def items_in(file: BinaryIO, *, name: str, i_am: str | None = None) -> Iterator[Item]:
    """
    Yield what can be imported from an open file whose content alone tells its format.

    Raises:
        As `items_of`.
    """
    from homeward.importing import piped

    with translated(name), PdfChild() as pdfs:
        suffix = piped.suffix_of(file.read(piped.HEAD), name=name)
        file.seek(0)
        yield from _storable(_READERS[suffix](NamedFile(file, name, i_am=i_am, pdfs=pdfs)))


def _storable(items: Iterator[Item]) -> Iterator[Item]:
    now = datetime.now(UTC)
    for item in items:
        yield storable(item, now=now)


def _file(path: Path, name: str, *, i_am: str | None, pdfs: PdfChild) -> Iterator[Item]:
    suffix = suffix_of(path)
    with translated(name), open_regular(path) as file:
        if suffix not in _READERS:
            raise UnknownFormat(f"{name}: {_named(file.read(kinds.HEAD), suffix)}")
        yield from _READERS[suffix](NamedFile(file, name, _changed_at(path), i_am, pdfs))


def _named(head: bytes, suffix: str) -> str:
    known = f"{suffix} is not one of {_known()}; convert it to one of these"
    return kinds.kind_of(head, suffix) or known


def _known() -> str:
    return ", ".join(sorted(suffix.removeprefix(".") for suffix in _READERS if suffix))


def _image(path: Path, text: str | None, caption: Callable[[Path], Caption]) -> Iterator[Item]:
    if text is None:
        yield images.described(path, caption(path), _changed_at(path))
    else:
        yield images.captioned(path, text, _changed_at(path))


def _changed_at(path: Path) -> datetime:
    return datetime.fromtimestamp(path.stat().st_mtime, UTC)
