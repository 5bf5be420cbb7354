"""
What the model reads: a byte-stable prefix, earlier exchanges as they were said, the question.

Pure: texts and tokens in, segments out. The prefix (system text, attributes, soft prompt) changes
only when the person's attributes do; recalled memories ride with the newest question and are gone
with the next one. Memories are framed as quotes, never as instructions.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from itertools import chain

from homeward.errors import ContextOverflow
from homeward.ports import ModelInfo, Segment, SoftPrompt, Tokens
from homeward.prompting.chat_template import ChatTemplate

SYSTEM_TEXT = "You are a helpful assistant."

WIDTH_PER_EXCHANGE = 512
"""
Of a model, for each earlier exchange that it is shown.

SmolLM2-135M (width 576) goes astray over more than one (docs/log.md); that wider models bear more
is assumed, not measured.
"""

_MARKS = str.maketrans(dict.fromkeys('"“”„«»＂', "'"))  # noqa: RUF001


@dataclass(frozen=True, slots=True)
class Quote:
    """A recalled memory as the model sees it: who or what says it, and the words."""

    lead: str  # such as 'I said'
    text: str


@dataclass(frozen=True, slots=True)
class PastTurn:
    """
    One exchange in tokens, without template pieces; the newest has no reply.

    `images`: what the images that came with the question are in the context.
    """

    asked: Tokens
    replied: Tokens
    images: tuple[Segment, ...] = ()


@dataclass(frozen=True, slots=True)
class Prompt:
    """What to feed: the stable prefix and, after it, earlier turns and the question."""

    prefix: tuple[Segment, ...]
    body: tuple[Segment, ...]
    dropped_turns: int  # oldest turns that no longer fitted

    @property
    def segments(self) -> list[Segment]:
        """Prefix and body together, as `Session.feed` takes them."""
        return [*self.prefix, *self.body]


def system_text(attributes: Sequence[tuple[str, str]], *, system: str = SYSTEM_TEXT) -> str:
    """Return the prefix's text: `system`, then one line for each (key, value) the person set."""
    if not attributes:
        return system
    lines = "\n".join(f"- {_one_line(key)}: {_one_line(value)}" for key, value in attributes)
    return f"{system}\n\nAbout the user:\n{lines}"


def can_use_dates(model: ModelInfo) -> bool:
    """
    Return whether memories are put to `model` with their dates, unless the app says otherwise.

    SmolLM2-135M (width 576) answers 7 of 12 questions with dates and 10 without (docs/log.md);
    that models of 0.6B and more gain from them is assumed, not measured.
    """
    return model.n_embd >= 1024


def most_exchanges(model: ModelInfo) -> int:
    """Return how many earlier exchanges `model` is shown at most."""
    return max(1, model.n_embd // WIDTH_PER_EXCHANGE)


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


def prefix_segments(
    chat: ChatTemplate,
    system: Tokens,
    soft_prompt: SoftPrompt | None,
    examples: Sequence[PastTurn] = (),
) -> tuple[Segment, ...]:
    """
    Return the stable prefix: the system message with the virtual tokens at its end, and examples.

    `examples` stand as turns that came before the conversation.
    """
    end = chat.system_end + tuple(chain.from_iterable(_words(chat, one) for one in examples))
    if soft_prompt is None:
        return (chat.opening + system + end,)
    return (chat.opening + system, soft_prompt, end)


def fit_to_context(
    chat: ChatTemplate,
    prefix: tuple[Segment, ...],
    past: Sequence[PastTurn],
    newest: PastTurn,
    *,
    room: int,
) -> Prompt:
    """
    Lay out prefix, past turns and the newest question in at most `room` positions.

    Guarantees:
        Nothing is dropped unless everything together exceeds `room`; then the oldest turns go.

    Raises:
        ContextOverflow: prefix and question alone exceed `room`.
    """
    question = (*newest.images, newest.asked + chat.reply_start)
    fixed = segments_length(prefix) + segments_length(question)
    if fixed > room:
        raise ContextOverflow(f"the question and the profile need {fixed} tokens; {room} are free")
    turns = [said(chat, turn) for turn in past]
    lengths = list(map(segments_length, turns))
    dropped = 0
    while fixed + sum(lengths[dropped:]) > room:
        dropped += 1
    body = tuple(chain.from_iterable([*turns[dropped:], question]))
    return Prompt(prefix=prefix, body=body, dropped_turns=dropped)


def segments_length(segments: Sequence[Segment]) -> int:
    """Return how many positions of the context `segments` take."""
    return sum(
        len(part.vectors) if isinstance(part, SoftPrompt) else len(part) for part in segments
    )


def said(chat: ChatTemplate, turn: PastTurn) -> tuple[Segment, ...]:
    """Return an answered turn as it stands before a later question."""
    return (*turn.images, _words(chat, turn))


def _words(chat: ChatTemplate, turn: PastTurn) -> Tokens:
    return turn.asked + chat.reply_start + turn.replied + chat.reply_end


def _quoted(quote: Quote) -> str:
    # A quotation mark within would end the quote, and what follows would be the person's own words.
    return f'{quote.lead}: "{_one_line(quote.text).translate(_MARKS)}"'


def _one_line(text: str) -> str:
    """Fold white space, so that no value can open a line of its own in the prompt."""
    return " ".join(text.split())
