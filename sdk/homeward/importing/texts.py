"""Splits plain text and Markdown into parts of bounded size, between paragraphs if possible."""

import codecs
from collections.abc import Iterator
from datetime import datetime
from typing import IO

from homeward.errors import ImportCorrupt
from homeward.importing.items import Document, digest_of

PART = 32_768  # characters of one writing; a forgotten passage rewrites its part
_BLOCK = 1 << 18
_MARKS = (
    (codecs.BOM_UTF8, "utf-8"),
    (codecs.BOM_UTF16_LE, "utf-16-le"),
    (codecs.BOM_UTF16_BE, "utf-16-be"),
)


def documents(file: IO[bytes], *, name: str, written_at: datetime | None) -> Iterator[Document]:
    """
    Yield the parts of a text; the title of each says at which character it starts.

    Raises:
        ImportCorrupt: it is neither UTF-8 nor marked UTF-16, or holds NUL: it is no text.
    """
    for start, text in _parts(_decoded(file, name)):
        yield Document(
            digest=digest_of("text", text),
            title=f"{name}, from character {start}" if start else name,
            text=text,
            written_at=written_at,
        )


def _decoded(file: IO[bytes], name: str) -> Iterator[str]:
    data = file.read(_BLOCK)
    mark, encoding = next((one for one in _MARKS if data.startswith(one[0])), (b"", "utf-8"))
    decoder = codecs.getincrementaldecoder(encoding)()
    data, done = data[len(mark) :], len(mark)
    while True:
        following = file.read(_BLOCK)
        try:
            text = decoder.decode(data, final=not following)
        except UnicodeDecodeError as error:
            raise ImportCorrupt(
                f"{name}: not {encoding.upper()} near byte {done + error.start}"
            ) from None
        if "\0" in text:
            raise ImportCorrupt(f"{name}: it holds NUL, so it is no text")
        yield text
        if not following:
            return
        done, data = done + len(data), following


def _parts(blocks: Iterator[str]) -> Iterator[tuple[int, str]]:
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
