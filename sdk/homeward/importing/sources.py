"""
Recognizes a file's format and yields its items; no other module here opens files.

What a file may cost is counted (`work`): none keeps the program busy or fills its memory.

Parsers are imported when a file needs them: `import homeward` stays light.
"""

import hashlib
import zipfile
import zlib
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from homeward.errors import CannotRead, CannotSee, ImportCorrupt, UnknownFormat
from homeward.files import open_regular
from homeward.importing import archive, chatgpt, claude, texts
from homeward.importing.items import Caption, Document, Item, digest_of, storable
from homeward.importing.work_limits import Work
from homeward_store import Origin

_IMAGES = frozenset({".png", ".jpg", ".jpeg", ".webp", ".gif", ".bmp", ".heic", ".tiff"})
_TEXTS = frozenset({"", ".txt", ".text", ".md", ".markdown", ".rst", ".org"})
_A_CONVERSATION = 10  # pieces: what one costs beside what is in it
_MALFORMED = (KeyError, TypeError, ValueError, AttributeError, IndexError)


def _blind(path: Path) -> Caption:
    raise CannotSee(f"{path.name}: no language model that reads images is loaded; give a caption")


def items_of(
    path: Path, *, text: str | None = None, caption: Callable[[Path], Caption] = _blind
) -> Iterator[Item]:
    """
    Yield what can be imported from `path`, in bounded memory and time.

    A ChatGPT or Claude export (`conversations.json`, or the zip that holds it), plain text,
    Markdown, mbox; of an image, the `text` that was said of it or read in it, else what `caption`
    says of it. One mail that is over a bound is a `LeftOut`, and the others are read.

    Guarantees:
        Less than 128 MiB beside what the program takes anyhow, and a time that grows with the bytes
        of the file and no faster (`python -m benchmarks.import_bombs`).

    Raises:
        CannotRead: there is no such file, it may not be read, or it is no regular file.
        CannotSee: an image without `text`, and nothing that says more of it. ImageError: it cannot
            be shown to what would.
        UnknownFormat: none of these. ImportCorrupt: cut off, damaged, wrongly encoded, or built to
            keep the program busy.
    """
    with _translated(path):
        match path.suffix.lower():
            case ".zip":
                yield from _zipped(path)
            case ".json":
                with open_regular(path) as file:
                    yield from _chats(file, path.name, Work(path.name))
            case ".mbox" | ".mbx":
                from homeward.importing import mails

                with open_regular(path) as file:
                    yield from mails.documents(file, name=path.name)
            case suffix if suffix in _IMAGES:
                yield _image(path, text) if text is not None else _described(path, caption(path))
            case suffix if suffix in _TEXTS:
                with open_regular(path) as file:
                    yield from texts.documents(file, name=path.name, written_at=_changed_at(path))
            case suffix:
                raise UnknownFormat(f"{path.name}: {suffix} is not one of zip, json, mbox, txt, md")


def _image(path: Path, text: str) -> Document:
    digest = digest_of("image", _sha256(path), text)
    return Document(digest, path.name, storable(text), _changed_at(path))


def _described(path: Path, caption: Caption) -> Document:
    # Not of the text: another release of the runtime may say it in other words.
    digest = digest_of("image described", _sha256(path), caption.by)
    title, text = f"{path.name}, described by {caption.by}", storable(caption.text)
    return Document(digest, title, text, _changed_at(path), Origin.ASSISTANT)


def _sha256(path: Path) -> str:
    with open_regular(path) as file:
        return hashlib.file_digest(file, "sha256").hexdigest()


def _changed_at(path: Path) -> datetime:
    return datetime.fromtimestamp(path.stat().st_mtime, UTC)


def _zipped(path: Path) -> Iterator[Item]:
    work = Work(path.name)
    with open_regular(path) as file:
        for name, content in archive.chats(file, name=path.name, work=work):
            yield from _chats(content, name, work)


def _chats(file: archive.Bytes, name: str, work: Work) -> Iterator[Item]:
    from homeward.importing.json_array import elements

    for number, conversation in enumerate(elements(file, name=name, work=work), 1):
        work.spend(_A_CONVERSATION)
        try:
            yield from _conversation(conversation)
        except _MALFORMED:
            raise ImportCorrupt(
                f"{name}: entry {number} is no conversation of ChatGPT or Claude"
            ) from None


def _conversation(conversation: dict[str, Any]) -> Iterator[Item]:
    if "mapping" in conversation:
        return chatgpt.exchanges(conversation)
    return claude.items(conversation)


@contextmanager
def _translated(path: Path) -> Iterator[None]:
    try:
        yield
    except (zipfile.BadZipFile, zlib.error, EOFError, NotImplementedError, RuntimeError) as error:
        # RuntimeError is how zipfile says that an archive is encrypted.
        raise ImportCorrupt(f"{path.name}: {type(error).__name__} in the archive") from None
    except OSError as error:
        raise CannotRead(f"{path.name}: {error.strerror or type(error).__name__}") from None
