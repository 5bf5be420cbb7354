"""
Explains which parts of a text became no memory, why, and where the original lies.

The person's own words stay where they gave them, in a note, a writing or a turn: what is left out
is never quoted, and is theirs to see and to erase.
"""

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum
from itertools import islice
from typing import overload

from homeward.policy.exclusions import opts_out_of_memory
from homeward.text.spans import TextSpan, passages, sentences, statements
from homeward_store import Memory, Profile, Source, SourceKind, Span

_BLACKED_OUT = "\N{FULL BLOCK}"


class Reason(StrEnum):
    """Why a stretch of text became no memory."""

    SECRET = "secret"  # noqa: S105
    DENIED = "denied topic"
    UNWANTED = "asked not to keep"
    KNOWN = "already known"
    NO_STATEMENT = "no statement"


_IN_WORDS = {
    Reason.SECRET: "it looks like a secret: a password, a key, a card or an account number",
    Reason.DENIED: "it mentions a topic that you excluded",
    Reason.UNWANTED: "you asked not to keep it",
    Reason.KNOWN: "it is already known",
    Reason.NO_STATEMENT: "it says nothing about you: it is a question, a request or only a few "
    "words",
}


Refused = Callable[[str], Reason | None]


@dataclass(frozen=True, slots=True)
class Unremembered:
    """A stretch of a note, a writing, a choice or a turn that became no memory."""

    reason: Reason
    span: Span

    @property
    def says(self) -> str:
        """The reason in words."""
        return _IN_WORDS[self.reason]


@dataclass(frozen=True, slots=True)
class Remembered(Sequence[Memory]):
    """
    The result of storing a text: a sequence of its memories, and what was left out.

    `source` is where the original lies, whole; `unremembered`: what is no memory, and why.
    """

    source: Source
    memories: tuple[Memory, ...] = ()
    unremembered: tuple[Unremembered, ...] = field(default=())

    @overload
    def __getitem__(self, at: int) -> Memory: ...
    @overload
    def __getitem__(self, at: slice) -> tuple[Memory, ...]: ...
    def __getitem__(self, at: int | slice) -> Memory | tuple[Memory, ...]:
        """Return a memory, or some."""
        return self.memories[at]

    def __len__(self) -> int:
        """Return how many memories were made."""
        return len(self.memories)


def told(made: Remembered) -> list[str]:
    """Return, in sentences, what of a text is not remembered, and what can be done about it."""
    kind, number = made.source
    reasons = dict.fromkeys(one.says for one in made.unremembered)
    if not reasons:
        return []
    what = "Not all of it is" if made.memories else "It is not"
    where = f"The rest stays in {kind} {number}, and no answer quotes it."
    erase = f'To erase it: homeward memories forget "{kind} {number}"'
    return [*(f"{what} remembered: {reason}." for reason in reasons), where, erase]


@dataclass(frozen=True, slots=True)
class Original:
    """A note, a writing or a question of which not all became memories."""

    source: Source
    text: str
    at: datetime
    unremembered: tuple[Unremembered, ...]


def originals(profile: Profile, refused: Refused, *, limit: int | None = None) -> list[Original]:
    """
    Return what the person gave of which not all became memories, newest first.

    `refused` says why a text is never remembered, if it is not.
    """
    writings, turns = profile.writings.all(), profile.turns.latest(profile.turns.count())
    given = [
        *((SourceKind.NOTE, int(one.id), one.text, one.noted_at) for one in profile.notes.all()),
        *((SourceKind.WRITING, int(one.id), one.text, one.added_at) for one in writings),
        *((SourceKind.TURN, int(one.id), one.asked, one.asked_at) for one in turns),
    ]
    found = (
        Original((kind, number), text, at, missing)
        for kind, number, text, at in sorted(given, key=lambda one: one[3], reverse=True)
        if (missing := tuple(_missing(profile, refused, (kind, number), text)))
    )
    return list(islice(found, limit))


def _missing(
    profile: Profile, refused: Refused, source: Source, text: str
) -> Iterator[Unremembered]:
    kind, number = source
    made = [one.source for one in profile.memories.of(kind, number)]
    for piece in sentences(text) if kind is SourceKind.TURN else passages(text):
        words = text[piece.start : piece.end]
        if words.strip(f"{_BLACKED_OUT} .!?") and not _covered(piece, made):
            reason = _reason(refused, kind, text, words)
            yield Unremembered(reason, Span(kind, number, piece.start, piece.end))


def _covered(piece: TextSpan, made: Sequence[Span]) -> bool:
    return any(one.start <= piece.start and piece.end <= one.end for one in made)


def _reason(refused: Refused, kind: SourceKind, text: str, words: str) -> Reason:
    if opts_out_of_memory(words if kind is SourceKind.WRITING else text):
        return Reason.UNWANTED
    if (reason := refused(words)) is not None:
        return reason
    if kind is SourceKind.TURN and not statements(words):
        return Reason.NO_STATEMENT
    return Reason.KNOWN
