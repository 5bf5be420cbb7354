"""
Reads Claude's export: each conversation is a list of messages; attached files come as text.

Where a message was edited or asked again, the list holds every branch, and one was kept.

Source: the format has no specification; this reads what exports since 2024 hold.
"""

from collections.abc import Iterator, Mapping
from datetime import datetime
from typing import Any

from homeward.importing.chats.branches import kept
from homeward.importing.chats.dialogue import ChatFormat, ImportedConversation, Said
from homeward.importing.chats.json_values import id_in, list_in, map_in, text_in
from homeward.importing.items import CLAUDE, Document, LeftOut, digest_of
from homeward.importing.storable import parse_time

Message = Mapping[str, Any]

_ROOT = "00000000-0000-4000-8000-000000000000"  # the parent of a conversation's first messages
_SAID = {"human": ("text", "voice_note"), "assistant": ("text",)}  # blocks that are their words


def _name(conversation: Message, messages: list[Any]) -> str:
    first = next(iter(_by_name(messages[:1])), "")
    known = (text_in(conversation.get("name")), str(conversation.get("created_at")), first)
    return id_in(conversation.get("uuid")) or digest_of(*known).hex()[:32]


def _by_name(messages: list[Any]) -> dict[str, Message]:
    """Return the messages by their names; one without, or with another's, is named by its place."""
    found: dict[str, Message] = {}
    for number, message in enumerate(map(map_in, messages), 1):
        name = id_in(message.get("uuid"))
        found[name if name and name not in found else f"message {number}"] = message
    return found


def _messages(
    conversation: Message, about: ImportedConversation, where: str
) -> Iterator[Said | Document | LeftOut]:
    there = _by_name(conversation["chat_messages"])
    leaf = id_in(conversation.get("current_leaf_message_uuid"))
    times = {name: parse_time(one.get("created_at")) for name, one in there.items()}
    for number, name in enumerate(kept(_parents(there), leaf=leaf, times=times), 1):
        place, known = f"{where}, message {number}", (about.name, name)
        yield from _attachments(there[name], known, times[name] or about.begun, place)
        yield from _said(there[name], name, times[name], place)


def _parents(messages: Mapping[str, Message]) -> dict[str, str | None]:
    """Return each message's parent; where it names none that is there, the one before it."""
    found: dict[str, str | None] = {}
    before: str | None = None
    for name, message in messages.items():
        parent = id_in(message.get("parent_message_uuid"))
        found[name] = None if parent == _ROOT else parent if parent in messages else before
        before = name
    return found


def _said(message: Message, name: str, at: datetime | None, where: str) -> Iterator[Said | LeftOut]:
    sender = message.get("sender")
    if not isinstance(sender, str):
        yield LeftOut(where, "it does not name its writer")
    elif sender in _SAID:
        text, unread = _text(message, _SAID[sender])
        if unread:
            yield LeftOut(where, f"{unread} of its pieces cannot be read")
        if text:
            yield Said(sender == "human", text, name, at)


def _text(message: Message, kinds: tuple[str, ...]) -> tuple[str, int]:
    """Return the words of a message, and how many pieces of it are missing or damaged."""
    whole, content = message.get("text"), message.get("content")
    if isinstance(content, str):
        return content.strip(), 0
    blocks = list_in(content)
    said = [one.get("text") for one in map(map_in, blocks) if one.get("type") in kinds]
    texts = [one for one in said if isinstance(one, str)]
    unread = len(said) - len(texts) + sum(not isinstance(one, dict) for one in blocks)
    text = "\n\n".join(filter(None, texts)) or text_in(whole)
    if not blocks and not isinstance(whole, str):
        unread = 1
    return text.strip(), unread


def _attachments(
    message: Message, known: tuple[str, str], at: datetime | None, where: str
) -> Iterator[Document | LeftOut]:
    for number, file in enumerate(list_in(message.get("attachments"))):
        text = text_in(map_in(file).get("extracted_content"))
        if not text.strip():
            yield LeftOut(f"{where}, attachment {number + 1}", "the export holds no text of it")
            continue
        yield Document(
            digest=digest_of(CLAUDE, *known, str(number)),
            title=text_in(map_in(file).get("file_name")) or "attachment",
            text=text,
            written_at=at,
        )


FORMAT = ChatFormat(CLAUDE, "chat_messages", list, "created_at", named=_name, said=_messages)
