"""
Reads ChatGPT's export: each conversation is a tree of messages, of which one branch was kept.

Images are left out.

Source: the format has no specification; this reads what exports since 2023 hold.
"""

from collections.abc import Iterator, Mapping
from typing import Any

from homeward.importing.chats.branches import kept
from homeward.importing.chats.dialogue import ChatFormat, ImportedConversation, Said
from homeward.importing.chats.json_values import id_in, list_in, map_in, text_in
from homeward.importing.items import CHATGPT, LeftOut, digest_of
from homeward.importing.storable import parse_time

Node = Mapping[str, Any]

_NOT_SAID = frozenset(
    """
    code execution_output system_error tether_quote tether_browsing_display thoughts
    reasoning_recap user_editable_context model_editable_context
    """.split()
)
"""Kinds of content that are no words of the conversation: code that ran, notes, instructions."""


def _name(conversation: Node, nodes: Node) -> str:
    name = id_in(conversation.get("conversation_id")) or id_in(conversation.get("id"))
    # Without a name: one that stays the same when the conversation goes on.
    known = (text_in(conversation.get("title")), str(conversation.get("create_time")))
    return name or digest_of(*known, next(iter(nodes), "")).hex()[:32]


def _messages(conversation: Node, _: ImportedConversation, where: str) -> Iterator[Said | LeftOut]:
    nodes: Node = conversation["mapping"]
    times = {key: parse_time(_message(node).get("create_time")) for key, node in nodes.items()}
    way = kept(_parents(nodes), leaf=id_in(conversation.get("current_node")), times=times)
    for number, key in enumerate(way, 1):
        place = f"{where}, message {number}"
        if _is_damaged(nodes[key]):
            yield LeftOut(place, "it is damaged")
        elif (read := _read(_message(nodes[key]), key, place)) is not None:
            yield read


def _parents(nodes: Node) -> dict[str, str | None]:
    """Return each node's parent: the one that it names, else the one that names it as a child."""
    found: dict[str, str | None] = dict.fromkeys(nodes)
    for key, node in nodes.items():
        found |= {child: key for child in _children(node) if child in nodes}
    for key, node in nodes.items():
        parent = id_in(map_in(node).get("parent"))
        if parent in nodes:
            found[key] = parent
    return found


def _children(node: object) -> list[str]:
    return [one for one in list_in(map_in(node).get("children")) if isinstance(one, str)]


def _is_damaged(node: object) -> bool:
    """Return whether something else stands where a message should; a root has none."""
    return not isinstance(node, dict) or not isinstance(node.get("message"), dict | None)


def _message(node: object) -> Node:
    return map_in(map_in(node).get("message"))


def _read(message: Node, key: str, where: str) -> Said | LeftOut | None:
    """Return what a message says; None where nobody in the conversation says anything with it."""
    if not message or _is_hidden(message):
        return None
    role = map_in(message.get("author")).get("role")
    if not isinstance(role, str):
        return LeftOut(where, "it does not name its writer")
    content = message.get("content")
    if role not in ("user", "assistant") or map_in(content).get("content_type") in _NOT_SAID:
        return None
    text = _text(map_in(content))
    if text is None:
        return LeftOut(where, "it holds no text that can be read")
    name, at = id_in(message.get("id")) or key, parse_time(message.get("create_time"))
    return Said(role == "user", text, name, at) if text else None


def _is_hidden(message: Node) -> bool:
    """Return whether nobody saw it in the conversation: instructions, or words to a tool."""
    about = map_in(message.get("metadata"))
    hidden = ("is_visually_hidden_from_conversation", "is_user_system_message")
    return any(about.get(one) is True for one in hidden) or message.get("recipient") not in (
        "all",
        None,
    )


def _text(content: Node) -> str | None:
    """Return the text of all parts that have one; None where none has one that can be read."""
    if content.get("parts") == []:
        return ""
    parts = [content.get("text"), *list_in(content.get("parts"))]
    texts = [text for part in parts if (text := _text_of_part(part)) is not None]
    return "\n\n".join(filter(None, texts)).strip() if texts else None


def _text_of_part(part: object) -> str | None:
    """Return a part's text, or what was heard in it; None for images, sound and what is broken."""
    if isinstance(part, str):
        return part
    heard = map_in(part).get("text")
    return heard if isinstance(heard, str) else None


FORMAT = ChatFormat(CHATGPT, "mapping", dict, "create_time", named=_name, said=_messages)
