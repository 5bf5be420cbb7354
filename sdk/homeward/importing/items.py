"""Defines what an import consists of: exchanges and documents, each with a stable digest."""

import hashlib
import re
from dataclasses import dataclass
from datetime import UTC, datetime

from homeward_store import Origin

CHATGPT, CLAUDE = "chatgpt", "claude"
OTHER_ASSISTANTS = frozenset({CHATGPT, CLAUDE})
"""As the models of imported exchanges: what their replies were built on is not known here."""

_HALF = re.compile("[\ud800-\udfff]")


@dataclass(frozen=True, slots=True)
class ImportedExchange:
    """One question and its reply in another assistant."""

    digest: bytes
    conversation: str
    asked: str
    replied: str
    asked_at: datetime
    model: str


@dataclass(frozen=True, slots=True)
class Caption:
    """What a language model says of an image, and which model."""

    text: str
    by: str


@dataclass(frozen=True, slots=True)
class Document:
    """
    A text, or a part of a long one; `title` says where in the file it stood.

    `origin` is whose words they are, where it is not for the one who imports to say.
    """

    digest: bytes
    title: str
    text: str
    written_at: datetime | None = None
    origin: Origin | None = None


@dataclass(frozen=True, slots=True)
class LeftOut:
    """Something of a file that is not taken in: where it stands, and why it is not."""

    what: str


Item = ImportedExchange | Document | LeftOut


def digest_of(*names: str) -> bytes:
    """Return 32 bytes that stand for these names, in this order."""
    return hashlib.sha256("\0".join(names).encode("utf-8", "surrogatepass")).digest()


def storable(text: str) -> str:
    """Return `text` with a mark in place of what no database keeps: NUL, half a character."""
    text = text.replace("\0", "\N{REPLACEMENT CHARACTER}")
    if _HALF.search(text) is None:
        return text
    return text.encode("utf-16-le", "surrogatepass").decode("utf-16-le", "replace")


def parse_time(value: object) -> datetime | None:
    """
    Return the time that an export names: seconds since 1970, or ISO 8601; else None.

    A time without a zone is taken as UTC.
    """
    try:
        if isinstance(value, int | float):
            return datetime.fromtimestamp(value, UTC)
        if isinstance(value, str):
            read = datetime.fromisoformat(value)
            return read if read.tzinfo else read.replace(tzinfo=UTC)
    except (ValueError, OverflowError, OSError):
        pass
    return None
