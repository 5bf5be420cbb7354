"""Lists the texts of every kind of record, so that topics and repeated sentences can be found."""

import json
from collections.abc import Iterator, Mapping

from homeward_store.database.database import Database
from homeward_store.records import SourceKind

_QUESTIONS = {
    SourceKind.ATTRIBUTE: "SELECT id, key, value FROM attribute",
    SourceKind.TURN: (
        "SELECT turn.id, asked, replied, attached, name FROM turn"
        " JOIN conversation ON conversation.id = turn.conversation"
    ),
    SourceKind.WRITING: "SELECT id, text, ifnull(title, '') FROM writing",
    SourceKind.CHOICE: "SELECT id, prompt, chosen, rejected FROM choice",
    SourceKind.NOTE: "SELECT id, text FROM note",
    SourceKind.MEMORY: "SELECT id, text FROM memory",
}
_NAMES = {
    SourceKind.ATTRIBUTE: ("key", "value"),
    SourceKind.TURN: ("asked", "replied", "attached", "conversation"),
    SourceKind.WRITING: ("text", "title"),
    SourceKind.CHOICE: ("prompt", "chosen", "rejected"),
    SourceKind.NOTE: ("text",),
    SourceKind.MEMORY: ("text",),
}
_JSON = frozenset({"value", "attached"})  # escaped as they are stored: "\n", "\u00eb"


def texts(database: Database, kind: SourceKind) -> Iterator[tuple[int, Mapping[str, str]]]:
    """Yield each record's id and its texts by name, as they were given."""
    names = _NAMES[kind]
    for number, *parts in database.run(_QUESTIONS[kind]):
        yield (
            number,
            {
                name: said(part) if name in _JSON else part
                for name, part in zip(names, parts, strict=True)
            },
        )


def said(stored: str) -> str:
    """Return a value that is stored as JSON as the text that was given, a list's parts as one."""
    value = json.loads(stored)
    return " ".join(value) if isinstance(value, list) else str(value)
