"""Turns a person's query into an FTS5 expression, and finds what holds it."""

from homeward_store.database.database import Database, Value
from homeward_store.records import Hit, MemoryId
from homeward_store.words.forms import is_sign


def any_of(words: list[str]) -> str:
    """
    An FTS5 expression for rows that hold at least one of the words.

    Each word is quoted, so that nothing a person types is taken for an operator or a column.
    """
    return " OR ".join(_quoted(word) + ("*" if is_sign(word) else "") for word in words)


def _quoted(word: str) -> str:
    return '"' + word.replace('"', '""') + '"'


def best(
    database: Database,
    expression: str,
    *,
    context_weight: float,
    condition: str,
    values: tuple[Value, ...],
    limit: int,
) -> list[Hit]:
    """The memories with the best BM25 among those that meet an SQL condition on `memory`."""
    narrowed = f" AND rowid IN (SELECT id FROM memory WHERE {condition})" if condition else ""  # noqa: S608
    rows = database.run(
        "SELECT rowid, -bm25(memory_words, 1.0, ?, 1.0, ?) AS score FROM memory_words"  # noqa: S608
        f" WHERE memory_words MATCH ?{narrowed} ORDER BY score DESC, rowid DESC LIMIT ?",
        (context_weight, context_weight, expression, *values, limit),
    )
    return [Hit(MemoryId(memory), score) for memory, score in rows]
