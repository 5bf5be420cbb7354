"""Splits plain text and Markdown into parts of bounded size, between paragraphs if possible."""

import codecs
from collections.abc import Iterable, Iterator
from datetime import datetime
from typing import IO

from homeward.errors import ImportCorrupt
from homeward.importing.items import Document, digest_of
from homeward.importing.reading.unicode_input import Bytes, Utf8

PART = 32_768  # characters of one writing; a forgotten passage rewrites its part
_BLOCK = 1 << 18


def documents(file: IO[bytes], *, name: str, written_at: datetime | None) -> Iterator[Document]:
    """
    Yield the parts of a text; the title of each says at which character it starts.

    Raises:
        ImportCorrupt: it is not whole in UTF-8, UTF-16 or UTF-32, or holds NUL: it is no text.
    """
    for start, text in parts(decoded(Utf8(file, name), name)):
        yield Document(
            digest=digest_of("text", text),
            title=f"{name}, from character {start}" if start else name,
            text=text,
            written_at=written_at,
        )


def decoded(file: Bytes, name: str) -> Iterator[str]:
    """
    Yield the text of a file in UTF-8, block by block.

    Raises:
        ImportCorrupt: as `documents`.
    """
    decoder, done = codecs.getincrementaldecoder("utf-8")(), 0
    while True:
        data = file.read(_BLOCK)
        try:
            text = decoder.decode(data, final=not data)
        except UnicodeDecodeError as error:
            raise ImportCorrupt(
                f"{name}: not UTF-8 near byte {done + error.start}; convert it to UTF-8"
            ) from None
        if "\0" in text:
            raise ImportCorrupt(f"{name}: it holds NUL, so it is no text")
        yield text
        if not data:
            return
        done += len(data)


def parts(blocks: Iterable[str]) -> Iterator[tuple[int, str]]:
    """Yield where each part of a text begins, and the part; none is longer than `PART`."""
    waiting, start = "", 0
    for block in blocks:
        waiting += block
        while len(waiting) > PART:
            cut = _cut(waiting)
            yield start, waiting[:cut]
            waiting, start = waiting[cut:], start + cut
    if waiting.strip():
        yield start, waiting


def _cut(text: str) -> int:
    """Return where to cut a part off: after a paragraph, a line, a word, or anywhere."""
    for end in ("\n\n", "\n", " "):
        at = text.rfind(end, PART // 2, PART)
        if at >= 0:
            return at + len(end)
    return PART
