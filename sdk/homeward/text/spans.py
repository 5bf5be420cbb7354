"""
Finds the stretches of a text that are worth recalling, as character positions.

Pure. Verbatim and without a model call: a span is always a slice of its source, so that a memory
can say where it came from and nothing in it was made up.
"""

import re
from collections.abc import Iterator
from dataclasses import dataclass

from homeward.text.telling import is_statement
from homeward_store.words.sentences import sentence_places

MAX_SPAN_CHARS = 600
"""About 150 tokens: six memories fit the recall budget, and MiniLM reads 256 word pieces."""

_PARAGRAPH = re.compile(r"\n\s*\n")


@dataclass(frozen=True, slots=True)
class TextSpan:
    """Positions in a text: text[start:end]."""

    start: int
    end: int


def statements(text: str) -> list[TextSpan]:
    """
    Return the spans in which a chat message tells of its writer, neighbours joined.

    Questions and orders ("Write me a poem") are left out: they say nothing that would answer a
    later question, and recalling them puts the question itself in front of its answer.
    """
    kept = [span for span in sentences(text) if is_statement(text[span.start : span.end])]
    return list(_joined(text, kept))


def passages(text: str) -> list[TextSpan]:
    """Return the spans of a longer text: paragraphs, long ones cut between sentences."""
    found: list[TextSpan] = []
    for paragraph in _paragraphs(text):
        inside = [
            TextSpan(paragraph.start + span.start, paragraph.start + span.end)
            for span in sentences(text[paragraph.start : paragraph.end])
        ]
        found.extend(_joined(text, inside))
    return found


def _paragraphs(text: str) -> Iterator[TextSpan]:
    start = 0
    for gap in _PARAGRAPH.finditer(text):
        yield TextSpan(start, gap.start())
        start = gap.end()
    yield TextSpan(start, len(text))


def sentences(text: str) -> Iterator[TextSpan]:
    """Yield the sentences and lines of `text` without the white space around them."""
    for first, last in sentence_places(text):
        body = text[first:last]
        start = first + len(body) - len(body.lstrip())
        end = last - len(body) + len(body.rstrip())
        for cut in range(start, end, MAX_SPAN_CHARS):  # one sentence of a megabyte is data
            yield TextSpan(cut, min(end, cut + MAX_SPAN_CHARS))


def _joined(text: str, spans: list[TextSpan]) -> Iterator[TextSpan]:
    """Join neighbours with nothing but white space between them, up to MAX_SPAN_CHARS."""
    current: TextSpan | None = None
    for span in spans:
        if (
            current is not None
            and not text[current.end : span.start].strip()
            and span.end - current.start <= MAX_SPAN_CHARS
        ):
            current = TextSpan(current.start, span.end)
            continue
        if current is not None:
            yield current
        current = span
    if current is not None:
        yield current
