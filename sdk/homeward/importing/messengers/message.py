"""
Makes documents of the messages that people wrote to each other.

The person's own words become theirs. What others wrote is named for them in the text itself, so
that "I am allergic to cats" of somebody else is never read as the person's.
"""

import re
import unicodedata
from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime

from homeward.errors import WriterUnknown
from homeward.importing.items import Document, digest_of
from homeward_store import Origin

_UNSEEN = re.compile("[\u200b-\u200f\u202a-\u202e\u2060-\u2069\ufeff]")


@dataclass(frozen=True, slots=True)
class WrittenMessage:
    """What somebody wrote; `stamp` is when, as the export says it."""

    writer: str
    text: str
    stamp: str
    at: datetime | None = None
    is_forwarded: bool = False  # another's words, whoever sent them


class Chat:
    """The messages of one chat, of which some are the person's."""

    def __init__(self, program: str, name: str, title: str, mine: frozenset[str]) -> None:
        self._program, self._name, self._title = program, name, title
        self._mine = mine
        self._alike = Counter[tuple[str, str, str]]()

    def document(self, message: WrittenMessage, number: int, *, is_own: bool = False) -> Document:
        """
        Return a message as a document; two that are alike in all stay two.

        `is_own`: the person wrote it, by an id or by one of their names.
        """
        what = (message.stamp, message.writer, message.text)
        self._alike[what] += 1
        own = is_own or plain_name(message.writer) in self._mine
        own = own and not message.is_forwarded
        said = "forwarded by " * message.is_forwarded + message.writer
        return Document(
            digest=digest_of(self._program, self._name, *what, str(self._alike[what])),
            title=f"{self._title}, message {number}" + ("" if own else f", {said}"),
            text=message.text if own else f"{said}: {message.text}",
            written_at=message.at,
            origin=Origin.PERSON if own else Origin.DOCUMENT,
        )


def person_among(writers: Iterable[str], i_am: str | None, *, name: str) -> frozenset[str]:
    """
    Return the names of the person as they are compared.

    Raises:
        WriterUnknown: they did not say who they are, or nobody writes by that name.
    """
    there = set(map(plain_name, writers))
    if i_am is None:
        raise WriterUnknown(
            f"{name}: a chat of {len(there)} people; say by which name the person writes in it"
        )
    if plain_name(i_am) not in there:
        raise WriterUnknown(
            f"{name}: none of the {len(there)} people who write in this chat has the name that was"
            " given; look how it is spelled in the file"
        )
    return frozenset((plain_name(i_am),))


def plain_name(name: str) -> str:
    """Return a name as it is compared: without what is not seen, and in small letters."""
    seen = _UNSEEN.sub("", unicodedata.normalize("NFKC", name))
    return " ".join(seen.removeprefix("~").split()).casefold()
