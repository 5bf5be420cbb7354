"""Pairs what a person said to an assistant with what it replied; the same for every program."""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import datetime

from homeward.importing.items import Document, ImportedExchange, LeftOut, digest_of
from homeward.importing.storable import UNDATED


@dataclass(frozen=True, slots=True)
class Said:
    """One message that has a text; `name` tells it apart from the others of its conversation."""

    by_person: bool
    text: str
    name: str = ""
    at: datetime | None = None


@dataclass(frozen=True, slots=True)
class ImportedConversation:
    """What its exchanges have in common."""

    program: str
    name: str
    begun: datetime | None


def exchanges(
    messages: Iterable[Said | Document | LeftOut], conversation: ImportedConversation
) -> Iterator[ImportedExchange | Document | LeftOut]:
    """Yield what was asked with what was replied; documents and what is left out pass through."""
    asked: Said | None = None
    replies: list[str] = []
    for message in messages:
        if not isinstance(message, Said):
            yield message
        elif not message.by_person:
            replies.append(message.text)
        else:
            if asked is not None:
                yield _exchange(conversation, asked, replies)
            asked, replies = message, []
    if asked is not None:
        yield _exchange(conversation, asked, replies)


def _exchange(
    conversation: ImportedConversation, asked: Said, replies: list[str]
) -> ImportedExchange:
    name = asked.name or asked.text
    return ImportedExchange(
        digest=digest_of(conversation.program, conversation.name, name),
        conversation=f"{conversation.program}/{conversation.name}",
        asked=asked.text,
        replied="\n\n".join(replies),
        asked_at=asked.at or conversation.begun or UNDATED,
        model=conversation.program,
    )
