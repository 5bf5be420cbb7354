"""
Puts the newest answer first where several answers are alike.

Conservative: only for questions about one value as it is now, and only among memories at the top
that share their words and tell a number. Nothing enters or leaves the top.
"""

import re
from collections.abc import Sequence

from homeward.memory.recall.features import Candidate, read_text
from homeward.memory.recall.query import Query, stems

TOP = 5  # places within which the order may change
ALIKE = 0.25  # of the shorter memory's words are in the other one
_ONE_VALUE = re.compile(
    r"^(what('s| is| are)|how (many|much|often|long|old)|when (is|do|am|should|are|does|will)"
    r"|which|where|who is)\b",
    re.I,
)
_NUMBER = re.compile(r"\d")


def newest_first(question: Query, ranked: Sequence[Candidate]) -> list[Candidate]:
    """
    Return `ranked` with alike memories among the best in the order of their dates, newest first.

    Questions about the past ("what did I use to …") keep the order as it is.
    """
    if question.past or question.advice or not _ONE_VALUE.search(question.text):
        return list(ranked)
    places = _alike(ranked[:TOP])
    newest = sorted((ranked[at] for at in places), key=lambda one: one.memory.said_at, reverse=True)
    ordered = list(ranked)
    for at, one in zip(places, newest, strict=True):
        ordered[at] = one
    return ordered


def _alike(top: Sequence[Candidate]) -> list[int]:
    """Return the places whose memory tells a number and resembles another such memory."""
    telling = {
        at: frozenset(word for word in stems(text) if not word[0].isdigit())
        for at, one in enumerate(top)
        if _NUMBER.search(text := read_text(one.memory))
    }
    return [
        at
        for at, words in telling.items()
        if any(_share(words, other) >= ALIKE for place, other in telling.items() if place != at)
    ]


def _share(one: frozenset[str], other: frozenset[str]) -> float:
    return len(one & other) / max(1, min(len(one), len(other)))
