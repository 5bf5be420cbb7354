"""
The words of a prompt: how attributes and memories are put to the model, and how many.

Pure: texts in, texts out. Memories are framed as quotes, never as instructions.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass

SYSTEM_TEXT = "You are a helpful assistant."

_MARKS = str.maketrans(dict.fromkeys('"“”„«»＂', "'"))  # noqa: RUF001


@dataclass(frozen=True, slots=True)
class Quote:
    """A recalled memory as the model sees it: who or what says it, and the words."""

    lead: str  # such as 'I said'
    text: str


def system_text(attributes: Sequence[tuple[str, str]], *, system: str = SYSTEM_TEXT) -> str:
    """Return the prefix's text: `system`, then one line for each (key, value) the person set."""
    if not attributes:
        return system
    lines = "\n".join(f"- {_one_line(key)}: {_one_line(value)}" for key, value in attributes)
    return f"{system}\n\nAbout the user:\n{lines}"


def shown(value: str | float | tuple[str, ...]) -> str:
    """Return an attribute's value as the model reads it."""
    return ", ".join(value) if isinstance(value, tuple) else str(value)


def question_text(question: str, quotes: Sequence[Quote]) -> str:
    """
    Return the newest user turn: quoted memories, the best one last, and then the question.

    Small models answer from what stands nearest: of two memories, SmolLM2-135M used the right one
    in 9 of 12 questions when it stood last and in 6 when it stood first (docs/log.md).
    """
    if not quotes:
        return question
    lines = "\n".join(_quoted(quote) for quote in reversed(quotes))
    return f"{lines}\n\n{question}"


def within_budget(
    quotes: Sequence[Quote], *, count: Callable[[str], int], max_tokens: int
) -> list[Quote]:
    """Return the longest run of best-first `quotes` that costs at most `max_tokens`."""
    kept: list[Quote] = []
    spent = 0
    for quote in quotes:
        spent += count(_quoted(quote) + "\n")
        if spent > max_tokens:
            break
        kept.append(quote)
    return kept


def _quoted(quote: Quote) -> str:
    # A quotation mark within would end the quote, and what follows would be the person's own words.
    return f'{quote.lead}: "{as_quote(quote.text)}"'


def as_quote(text: str) -> str:
    """Return what stands between quotation marks: one line, without any of its own."""
    return _one_line(text).translate(_MARKS)


def _one_line(text: str) -> str:
    """Fold white space, so that no value can open a line of its own in the prompt."""
    return " ".join(text.split())
