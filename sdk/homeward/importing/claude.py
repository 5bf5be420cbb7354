"""
Reads Claude's export: each conversation is a list of messages; attached files come as text.

Source: the format has no specification; this reads what exports since 2024 hold.
"""

from collections.abc import Iterator
from datetime import UTC, datetime
from typing import Any

from homeward.importing.items import (
    CLAUDE,
    Document,
    ImportedExchange,
    Item,
    digest_of,
    parse_time,
    storable,
)

Message = dict[str, Any]


def items(conversation: dict[str, Any]) -> Iterator[Item]:
    """
    Yield the exchanges of `conversation`, and the text of files that were attached to them.

    Raises:
        KeyError, TypeError, ValueError, AttributeError: it is not as Claude writes it.
    """
    name = str(conversation["uuid"])
    begun = parse_time(conversation.get("created_at")) or datetime.fromtimestamp(0, UTC)
    asked: Message | None = None
    replies: list[str] = []
    for message in conversation["chat_messages"]:
        yield from _attachments(message, begun)
        text = _text(message)
        if message["sender"] == "human" and text:
            if asked is not None:
                yield _exchange(name, begun, asked, replies)
            asked, replies = message, []
        elif text:
            replies.append(text)
    if asked is not None:
        yield _exchange(name, begun, asked, replies)


def _text(message: Message) -> str:
    blocks = [
        block["text"] for block in message.get("content") or () if block.get("type") == "text"
    ]
    return storable("\n\n".join(filter(None, blocks)) or message.get("text") or "").strip()


def _attachments(message: Message, begun: datetime) -> Iterator[Document]:
    for number, file in enumerate(message.get("attachments") or ()):
        text = storable(file.get("extracted_content") or "")
        if text.strip():
            yield Document(
                digest=digest_of(CLAUDE, str(message["uuid"]), str(number)),
                title=storable(file.get("file_name") or "attachment"),
                text=text,
                written_at=parse_time(message.get("created_at")) or begun,
            )


def _exchange(name: str, begun: datetime, asked: Message, replies: list[str]) -> ImportedExchange:
    return ImportedExchange(
        digest=digest_of(CLAUDE, name, str(asked["uuid"])),
        conversation=f"{CLAUDE}/{storable(name)}",
        asked=_text(asked),
        replied="\n\n".join(replies),
        asked_at=parse_time(asked.get("created_at")) or begun,
        model=CLAUDE,
    )
