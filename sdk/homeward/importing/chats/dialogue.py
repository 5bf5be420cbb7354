"""Pairs what a person said to an assistant with what it replied; the same for every program."""

from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from homeward.importing.items import Document, ImportedExchange, Item, LeftOut, digest_of
from homeward.importing.storable import UNDATED, parse_time


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


@dataclass(frozen=True, slots=True)
class ChatFormat:
    """
    How one program writes a conversation: an object of JSON, with its messages under a name.

    `named` returns what tells it apart from the program's others; `said` what its messages say.
    """

    program: str
    messages: str
    kind: type[Any]  # of what stands under it: a list, or an object
    begun: str
    named: Callable[[Mapping[str, Any], Any], str]
    said: Callable[
        [Mapping[str, Any], ImportedConversation, str], Iterator[Said | Document | LeftOut]
    ]

    def items(self, conversation: Mapping[str, Any], where: str) -> Iterator[Item]:
        """Yield what the person asked in `conversation` with what was replied."""
        messages = conversation.get(self.messages)
        if not isinstance(messages, self.kind):
            yield LeftOut(where, "its messages are missing")
            return
        begun = parse_time(conversation.get(self.begun))
        name = self.named(conversation, messages)
        shared = ImportedConversation(self.program, name, begun)
        yield from _exchanges(self.said(conversation, shared, where), shared)


def _exchanges(
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
