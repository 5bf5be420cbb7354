"""Defines what an import consists of: exchanges and documents, each with a stable digest."""

import hashlib
from dataclasses import dataclass
from datetime import datetime

from homeward_store import Origin

CHATGPT, CLAUDE, GEMINI = "chatgpt", "claude", "gemini"
OTHER_ASSISTANTS = frozenset({CHATGPT, CLAUDE, GEMINI})
"""As the models of imported exchanges: what their replies were built on is not known here."""


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
    """
    Something of a file that is not taken in: where it stands, and why it is not.

    Guarantees:
        Neither quotes the file: they are shown, and written into logs.
    """

    where: str
    why: str

    def __str__(self) -> str:
        """Both, as a sentence without its full stop."""
        return f"{self.where}: {self.why}"


@dataclass(frozen=True, slots=True)
class FileRead:
    """
    A file of a folder was read to its end, now or in an earlier import.

    `digest` stands for its bytes: while they are the same, there is nothing new in it.
    """

    digest: bytes


Item = ImportedExchange | Document | LeftOut | FileRead


def digest_of(*names: str) -> bytes:
    """Return 32 bytes that stand for these names, in this order."""
    return hashlib.sha256("\0".join(names).encode("utf-8", "surrogatepass")).digest()
