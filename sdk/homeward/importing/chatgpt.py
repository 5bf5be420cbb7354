"""
Reads ChatGPT's export: each conversation is a tree of messages, of which one path was kept.

Source: the format has no specification; this reads what exports since 2023 hold.
"""

from collections.abc import Iterator
from datetime import UTC, datetime
from typing import Any

from homeward.importing.items import CHATGPT, ImportedExchange, digest_of, parse_time, storable

Message = dict[str, Any]


def exchanges(conversation: dict[str, Any]) -> Iterator[ImportedExchange]:
    """
    Yield what the person asked in `conversation` with what was replied; images are left out.

    Raises:
        KeyError, TypeError, ValueError, AttributeError: it is not as ChatGPT writes it.
    """
    name = str(conversation.get("conversation_id") or conversation["id"])
    begun = parse_time(conversation.get("create_time")) or datetime.fromtimestamp(0, UTC)
    asked: Message | None = None
    replies: list[str] = []
    for message in _path(conversation):
        text = _text(message)
        role = message["author"]["role"]
        if role == "user" and text:
            if asked is not None:
                yield _exchange(name, begun, asked, replies)
            asked, replies = message, []
        elif role == "assistant" and text:
            replies.append(text)
    if asked is not None:
        yield _exchange(name, begun, asked, replies)


def _path(conversation: dict[str, Any]) -> list[Message]:
    """Return the messages on the way to the node where the person left, oldest first."""
    nodes = conversation["mapping"]
    at = conversation.get("current_node") or next(reversed(nodes), None)
    path: list[Message] = []
    seen: set[str] = set()
    while at is not None:
        if at in seen:
            raise ValueError("the messages lead in a circle")
        seen.add(at)
        node = nodes[at]
        if node.get("message"):
            path.append(node["message"])
        at = node.get("parent")
    return path[::-1]


def _text(message: Message) -> str:
    content = message.get("content") or {}
    if content.get("content_type") not in ("text", "multimodal_text"):
        return ""  # instructions, code that ran, the model's own notes
    parts = [part for part in content.get("parts") or () if isinstance(part, str)]
    return storable("\n\n".join(parts)).strip()


def _exchange(name: str, begun: datetime, asked: Message, replies: list[str]) -> ImportedExchange:
    return ImportedExchange(
        digest=digest_of(CHATGPT, name, str(asked["id"])),
        conversation=f"{CHATGPT}/{storable(name)}",
        asked=_text(asked),
        replied="\n\n".join(replies),
        asked_at=parse_time(asked.get("create_time")) or begun,
        model=CHATGPT,
    )
