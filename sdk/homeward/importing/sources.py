"""
Recognizes a file's format and yields its items; no other module here opens files.

What a file may cost is counted (`reading.work_limits`): none keeps the program busy or fills its
memory.

Parsers are imported when a file needs them: `import homeward` stays light.
"""

import hashlib
import re
import struct
import zipfile
import zlib
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from pathlib import Path
from typing import BinaryIO

from homeward.errors import CannotRead, CannotSee, ImportCorrupt, UnknownFormat
from homeward.files import open_regular
from homeward.importing.items import Caption, Document, Item, digest_of
from homeward.importing.reading.work_limits import Work
from homeward.importing.storable import storable
from homeward_store import Origin

Reader = Callable[[BinaryIO, str, datetime | None], Iterator[Item]]
"""Reads an open file, given its name, and when it was changed last if that is known."""

_IMAGES = frozenset({".png", ".jpg", ".jpeg", ".webp", ".gif", ".bmp", ".heic", ".tiff"})
# How zipfile says that an archive is damaged, that one is encrypted (RuntimeError), and that the
# name of a file in it is not in the encoding that it claims.
_DAMAGED = (
    zipfile.BadZipFile, zlib.error, struct.error, EOFError, NotImplementedError, RuntimeError,
    UnicodeDecodeError,
)  # fmt: skip
_SUFFIX = re.compile(r"\.[a-z][a-z0-9]{0,9}")  # and not ".2 notes" of "v1.2 notes"


def _blind(path: Path) -> Caption:
    raise CannotSee(f"{path.name}: no language model that reads images is loaded; give a caption")


def _zip(file: BinaryIO, name: str, _: datetime | None) -> Iterator[Item]:
    from homeward.importing.chats import export

    return export.zipped(file, name=name)


def _json(file: BinaryIO, name: str, _: datetime | None) -> Iterator[Item]:
    from homeward.importing.chats import export

    return export.items(file, name=name, work=Work(name))


def _mbox(file: BinaryIO, name: str, _: datetime | None) -> Iterator[Item]:
    from homeward.importing.mail import mailbox

    return mailbox.documents(file, name=name)


def _text(file: BinaryIO, name: str, changed_at: datetime | None) -> Iterator[Item]:
    from homeward.importing import texts

    return texts.documents(file, name=name, written_at=changed_at)


_READERS: dict[str, Reader] = {
    ".zip": _zip,
    ".json": _json,
    **dict.fromkeys((".mbox", ".mbx"), _mbox),
    **dict.fromkeys(("", ".txt", ".text", ".md", ".markdown", ".rst", ".org"), _text),
}


def items_of(
    path: Path, *, text: str | None = None, caption: Callable[[Path], Caption] = _blind
) -> Iterator[Item]:
    """
    Yield what can be imported from `path`, in bounded memory and time.

    A ChatGPT or Claude export (`conversations.json`, or the zip that holds it), plain text,
    Markdown, mbox; of an image, the `text` that was said of it or read in it, else what `caption`
    says of it. What cannot be read of a file is a `LeftOut`, and the rest is read.

    Guarantees:
        Every item can be stored. Less than 128 MiB beside what the program takes anyhow, and a time
        that grows with the bytes of the file and no faster (`python -m benchmarks.import_bombs`).

    Raises:
        CannotRead: there is no such file, it may not be read, or it is no regular file.
        CannotSee: an image without `text`, and nothing that says more of it. ImageError: it cannot
            be shown to what would.
        UnknownFormat: none of these. ImportCorrupt: cut off, damaged, wrongly encoded, or built to
            keep the program busy.
    """
    with _translated(path.name):
        suffix = path.suffix.lower() if _SUFFIX.fullmatch(path.suffix.lower()) else ""
        if suffix in _IMAGES:
            item = _image(path, text) if text is not None else _described(path, caption(path))
            yield storable(item, now=datetime.now(UTC))
            return
        if suffix not in _READERS:
            raise UnknownFormat(
                f"{path.name}: {suffix} is not one of {_known()}; convert it to one of these"
            )
        with open_regular(path) as file:
            yield from _read(_READERS[suffix](file, path.name, _changed_at(path)))


def items_in(file: BinaryIO, *, name: str) -> Iterator[Item]:
    """
    Yield what can be imported from an open file whose content alone tells its format.

    Raises:
        As `items_of`.
    """
    from homeward.importing.piped import HEAD, suffix_of

    with _translated(name):
        suffix = suffix_of(file.read(HEAD), name=name)
        file.seek(0)
        yield from _read(_READERS[suffix](file, name, None))


def _read(items: Iterator[Item]) -> Iterator[Item]:
    now = datetime.now(UTC)
    for item in items:
        yield storable(item, now=now)


def _known() -> str:
    return ", ".join(sorted(suffix.removeprefix(".") for suffix in _READERS if suffix))


def _image(path: Path, text: str) -> Document:
    digest = digest_of("image", _sha256(path), text)
    return Document(digest, path.name, text, _changed_at(path))


def _described(path: Path, caption: Caption) -> Document:
    # Not of the text: another release of the runtime may say it in other words.
    digest = digest_of("image described", _sha256(path), caption.by)
    title = f"{path.name}, described by {caption.by}"
    return Document(digest, title, caption.text, _changed_at(path), Origin.ASSISTANT)


def _sha256(path: Path) -> str:
    with open_regular(path) as file:
        return hashlib.file_digest(file, "sha256").hexdigest()


def _changed_at(path: Path) -> datetime:
    return datetime.fromtimestamp(path.stat().st_mtime, UTC)


@contextmanager
def _translated(name: str) -> Iterator[None]:
    try:
        yield
    except _DAMAGED as error:
        raise ImportCorrupt(f"{name}: {type(error).__name__} in the archive") from None
    except OSError as error:
        raise CannotRead(f"{name}: {error.strerror or type(error).__name__}") from None
