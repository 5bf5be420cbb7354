"""Cuts a document into parts, each with its place in it."""

import hashlib
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import datetime
from typing import BinaryIO

from homeward.importing import texts
from homeward.importing.items import Document, digest_of


@dataclass(frozen=True, slots=True)
class CutDocument:
    """What all parts of one document have in common."""

    sha256: str
    title: str
    written_at: datetime | None

    def part(self, place: str, text: str) -> Document:
        """Return the part at `place`, which is "" for all of it."""
        title = f"{self.title}, {place}" if place else self.title
        return Document(digest_of("document", self.sha256, place), title, text, self.written_at)

    def parts(self, pieces: Iterable[tuple[str, str]]) -> Iterator[Document]:
        """Yield pieces of text joined to parts; each piece comes with its place."""
        waiting, size, begun, first = list[str](), 0, "", True
        for place, piece in pieces:
            for _, text in texts.parts([piece]):
                if waiting and size + len(text) > texts.PART:
                    yield self.part(begun, _GAP.join(waiting))
                    waiting, size, first = [], 0, False
                if not waiting:
                    begun = "" if first else f"from {place}"
                waiting.append(text)
                size += len(text) + len(_GAP)
        if waiting:
            yield self.part(begun, _GAP.join(waiting))


_BLOCK = 1 << 18
_GAP = "\n\n"  # each piece is a paragraph, which a memory does not reach beyond


def sha256_of(file: BinaryIO) -> str:
    """Return the SHA-256 of a file, which is read to its end and put back to its start."""
    digest = hashlib.sha256()
    while block := file.read(_BLOCK):
        digest.update(block)
    file.seek(0)
    return digest.hexdigest()
