"""
Which format a file has, and its items. The only module here that opens files.

Parsers are imported when a file needs them: `import homeward` stays light.
"""

import hashlib
import zipfile
import zlib
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from pathlib import Path, PurePosixPath
from typing import IO, Any

from homeward.errors import CannotRead, CannotSee, ImportCorrupt, UnknownFormat
from homeward.importing import chatgpt, claude, texts
from homeward.importing.items import Caption, Document, Item, digest_of, storable
from homeward_store import Origin

_IMAGES = frozenset({".png", ".jpg", ".jpeg", ".webp", ".gif", ".bmp", ".heic", ".tiff"})
_TEXTS = frozenset({"", ".txt", ".text", ".md", ".markdown", ".rst", ".org"})
_MALFORMED = (KeyError, TypeError, ValueError, AttributeError, IndexError)


def _blind(path: Path) -> Caption:
    raise CannotSee(f"{path.name}: there is no language model to see it with")


def items_of(
    path: Path, *, text: str | None = None, caption: Callable[[Path], Caption] = _blind
) -> Iterator[Item]:
    """
    Yield what can be imported from `path`, in bounded memory.

    A ChatGPT or Claude export (`conversations.json`, or the zip that holds it), plain text,
    Markdown, mbox; of an image, the `text` that was said of it or read in it, else what `caption`
    says of it.

    Raises:
        CannotRead: there is no such file, or it may not be read.
        CannotSee: an image without `text`, and nothing that says more of it.
        UnknownFormat: none of these. ImportCorrupt: cut off, damaged, wrongly encoded.
    """
    with _translated(path):
        match path.suffix.lower():
            case ".zip":
                yield from _zipped(path)
            case ".json":
                with path.open("rb") as file:
                    yield from _chats(file, path.name)
            case ".mbox" | ".mbx":
                from homeward.importing import mails

                with path.open("rb") as file:
                    yield from mails.documents(file, name=path.name)
            case suffix if suffix in _IMAGES:
                yield _image(path, text) if text is not None else _described(path, caption(path))
            case suffix if suffix in _TEXTS:
                with path.open("rb") as file:
                    yield from texts.documents(file, name=path.name, written_at=_changed_at(path))
            case suffix:
                raise UnknownFormat(f"{path.name}: {suffix} is none of zip, json, mbox, txt, md")


def _image(path: Path, text: str) -> Document:
    digest = digest_of("image", _sha256(path), text)
    return Document(digest, path.name, storable(text), _changed_at(path))


def _described(path: Path, caption: Caption) -> Document:
    # Not of the text: another release of the runtime may say it in other words.
    digest = digest_of("image described", _sha256(path), caption.by)
    title, text = f"{path.name}, described by {caption.by}", storable(caption.text)
    return Document(digest, title, text, _changed_at(path), Origin.ASSISTANT)


def _sha256(path: Path) -> str:
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()


def _changed_at(path: Path) -> datetime:
    return datetime.fromtimestamp(path.stat().st_mtime, UTC)


def _zipped(path: Path) -> Iterator[Item]:
    with zipfile.ZipFile(path) as archive:
        names = [
            name
            for name in sorted(archive.namelist())
            if PurePosixPath(name).name.startswith("conversations") and name.endswith(".json")
        ]
        if not names:
            raise UnknownFormat(f"{path.name}: it holds no conversations.json")
        for name in names:
            with archive.open(name) as file:
                yield from _chats(file, f"{path.name}/{PurePosixPath(name).name}")


def _chats(file: IO[bytes], name: str) -> Iterator[Item]:
    from homeward.importing.json_array import elements

    for number, conversation in enumerate(elements(file, name=name), 1):
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
