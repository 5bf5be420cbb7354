"""Turns a person's query into an FTS5 expression."""

import re
import unicodedata

from homeward_store.database.database import Database, Value
from homeward_store.records import Hit, MemoryId

# English function words. They say nothing about what is sought, and a query of only common words
# is what makes BM25 slow: 17 ms became 111 ms at 100,000 memories.
FUNCTION_WORDS = frozenset(
    """
    a about am an and any are as at be been but by can could did do does for from had has have he
    her him his how i if in into is it its me my of on or our she should so than that the their
    them then there these they this those to was we were what when where which who why will with
    would you your
    """.split()
)
_MAX_TERMS = 64  # a pasted page as a query costs no more than a paragraph


def terms(query: str) -> list[str]:
    """The words of a query that are worth looking up, each once; all of them if none is."""
    words = re.findall(r"\w+", unicodedata.normalize("NFC", query).casefold())
    unique = list(dict.fromkeys(words))
    telling = [word for word in unique if word not in FUNCTION_WORDS]
    return (telling or unique)[:_MAX_TERMS]


def any_of(words: list[str]) -> str:
    """
    An FTS5 expression for rows that hold at least one of the words.

    Each word is quoted, so that nothing a person types is taken for an operator or a column.
    """
    return " OR ".join(_quoted(word) for word in words)


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
        "SELECT rowid, -bm25(memory_words, 1.0, ?) AS score FROM memory_words"  # noqa: S608
        f" WHERE memory_words MATCH ?{narrowed} ORDER BY score DESC, rowid DESC LIMIT ?",
        (context_weight, expression, *values, limit),
    )
    return [Hit(MemoryId(memory), score) for memory, score in rows]
