"""
Computes the ranking features of a memory for a question.

Every signal is about zero to one, so that the weights (`weights.py`) can be read beside each other.
"""

import math
import re
from collections import Counter
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import date, timedelta

import numpy as np
from numpy.typing import NDArray

from homeward.memory.recall.query import MONTHS, NamedDate, Query, stem
from homeward.ports import Vector
from homeward_store import Memory, SourceKind, Span
from homeward_store.words import folding

NAMES = (
    "words",
    "meaning",
    "words before",
    "words after",
    "meaning before",
    "meaning after",
    "occasion",
    "coverage",
    "coverage with context",
    "named speaker",
    "other speaker",
    "date",
    "other date",
    "asks",
    "length",
    "when: tells a time",
    "amount: tells a number",
    "advice: meaning",
    "advice: words",
    "advice: standing wish",
    "advice: asked for",
    "advice: preference",
    "standing wish",
    "preference",
    "amount: update",
    "overview: meaning",
    "told before",
)

_OCCASION_GAP = timedelta(hours=2)  # of silence, after which people speak of something else
ALIKE = 0.5  # similarity above which two texts tell of one thing; .4 serves as well
_READ_CHARS = 600  # of a memory's text; longer ones are pasted data
_CODE = re.compile(r"```.*?(?:```|$)", re.DOTALL)
_SPEAKER = re.compile(r"([^\W\d_][\w .'-]{0,30}):\s")
_STANDING = re.compile(r"\b(always|never|whenever|when i ask|from now on|every time i)\b", re.I)
_ASKED_FOR = re.compile(r"\bwhen(ever)? i ask|\bfrom now on\b|\bplease always\b", re.I)
_PREFERENCE = re.compile(
    r"\bi(?:'d|'m|’d|’m)?\b[^.?!\n]{0,40}\b(prefer|like|love|enjoy|dislike|hate|avoid|rather)\b",  # noqa: RUF001
    re.I,
)
_UPDATE = re.compile(
    r"\b(now|recently|updat\w+|chang\w+|moved|extended|increased|new|improved|instead|no longer"
    r"|anymore|raised|reduced|rescheduled|postponed|added|reached)\b",
    re.I,
)
_TIME = re.compile(
    r"\b(yesterday|today|tomorrow|last|next|ago|weeks?|months?|years?|weekend|\w{2,6}day|\d{4}|"
    + "|".join(MONTHS)
    + r")\b",
    re.I,
)
_DIGIT = re.compile(r"\d")
_ASKS = re.compile(r"[?？؟][\"'”’)\]\s]*$")  # noqa: RUF001


@dataclass(frozen=True, slots=True, eq=False)
class Candidate:
    """
    A memory that an index found, with what the indexes said.

    Shapes:
        vector: (dims,), of length 1; None where the memory has none.
    """

    memory: Memory
    words: float  # BM25 as a share of the best BM25 of this question
    meaning: float  # cosine; of what the vector search left out, the least that it returned
    similar: bool = True  # the cosine was measured and is high enough to quote the memory
    vector: Vector | None = None


def signals(
    question: Query, candidates: Sequence[Candidate], *, alike: float = ALIKE
) -> NDArray[np.float64]:
    """
    Return what speaks for each candidate; `alike` is the cosine that stands for `ALIKE`.

    Shapes:
        (len(candidates), len(NAMES)) float64, columns in the order of NAMES.
    """
    around = _Around(candidates)
    texts = [read_text(one.memory) for one in candidates]
    shared = _shared(question.stems)
    found = [shared(text) for text in texts]
    wide = [
        own | shared(one.memory.context[:_READ_CHARS])
        for own, one in zip(found, candidates, strict=True)
    ]
    rarity = _rarity(found, question.stems)
    prefer = [bool(_PREFERENCE.search(text)) for text in texts]
    telling = _telling(prefer)
    before = [0.0] * len(candidates) if question.advice else _told_before(candidates, alike)
    rows = [
        [
            *around.of(one),
            sum(rarity[word] for word in own),
            sum(rarity[word] for word in both),
            *_speaker(text, around.speakers & question.capitals),
            *_date(question.dates, one.memory.said_at.date()),
            *_form(question, one, text, prefers=telling * prefer[at]),
            before[at],
        ]
        for at, (one, text, own, both) in enumerate(
            zip(candidates, texts, found, wide, strict=True)
        )
    ]
    return np.array(rows, dtype=np.float64).reshape(len(candidates), len(NAMES))


class _Around:
    """What was said around each candidate: before it, after it, on the same occasion."""

    def __init__(self, candidates: Sequence[Candidate]) -> None:
        self._by_source = {_key(one.memory.source): one for one in candidates}
        self._after = {
            _key(one.memory.context_source): one for one in candidates if one.memory.context_source
        }
        self._floor = min((one.meaning for one in candidates), default=0.0)
        self._occasions = _occasions(candidates)
        self.speakers = {
            name for one in candidates if (name := speaker_of(one.memory.text)) is not None
        }

    def of(self, one: Candidate) -> list[float]:
        """Return the signals of words, meaning and place in the conversation."""
        link = one.memory.context_source
        before = self._by_source.get(_key(link)) if link else None
        after = self._after.get(_key(one.memory.source))
        return [
            one.words,
            one.meaning,
            before.words if before else 0.0,
            after.words if after else 0.0,
            before.meaning if before else self._floor,
            after.meaning if after else self._floor,
            self._occasions[one.memory.id],
        ]


def _key(span: Span) -> tuple[SourceKind, int]:
    return span.kind, span.id


def _occasions(candidates: Sequence[Candidate]) -> dict[int, float]:
    """Return for each memory how well the best three of its occasion fit."""
    ordered = sorted(candidates, key=lambda one: one.memory.said_at)
    groups: list[list[Candidate]] = []
    for one in ordered:
        if groups and one.memory.said_at - groups[-1][-1].memory.said_at <= _OCCASION_GAP:
            groups[-1].append(one)
        else:
            groups.append([one])
    found: dict[int, float] = {}
    for group in groups:
        best = sorted((one.words + one.meaning for one in group), reverse=True)[:3]
        for one in group:
            found[one.memory.id] = sum(best) / 3
    return found


def read_text(memory: Memory) -> str:
    """Return the part of a memory's text that signals look at: its beginning, without code."""
    return _CODE.sub(" ", memory.text[: 4 * _READ_CHARS])[:_READ_CHARS]


def _told_before(candidates: Sequence[Candidate], alike: float) -> list[float]:
    """
    Return how often something alike was told before each candidate, as a logarithm.

    Who tells a thing first tells what it is; what follows builds on it (ADR 0206). Not asked for
    advice, which rests on what the person prefers, however often they have said so.
    """
    ordered = sorted(
        enumerate(candidates), key=lambda one: (one[1].memory.said_at, one[1].memory.id)
    )
    held = [(at, one.vector) for at, one in ordered if one.vector is not None]
    told = [0.0] * len(candidates)
    if held:
        vectors = np.stack([vector for _, vector in held])
        counts = np.tril(vectors @ vectors.T > alike, k=-1).sum(axis=1)
        for (at, _), count in zip(held, counts, strict=True):
            told[at] = math.log1p(count) / 3
    return told


def _rarity(found: Sequence[frozenset[str]], words: frozenset[str]) -> dict[str, float]:
    """Return for each word of the question how much it tells the candidates apart; sums to 1."""
    counts = Counter(word for own in found for word in own)
    rare = {word: math.log(1 + len(found) / (1 + counts[word])) for word in words}
    total = sum(rare.values())
    return {word: share / total for word, share in rare.items()} if total else {}


def _shared(words: frozenset[str]) -> Callable[[str], frozenset[str]]:
    """Return a function that finds which of the stems `words` a text holds."""
    if not words:
        return lambda _: frozenset()
    # One pass of one pattern: stemming every word of every candidate takes ten times as long.
    unspaced = frozenset(filter(folding.runs_on, words))
    spaced = "|".join(map(re.escape, words - unspaced)) or r"(?!)"
    pattern = re.compile(rf"\b(?:{spaced})\w{{0,3}}\b")

    def found(text: str) -> frozenset[str]:
        plain = text.casefold()
        stemmed = frozenset(map(stem, pattern.findall(plain))) & words
        return stemmed | {one for one in unspaced if one in plain}

    return found


def speaker_of(text: str) -> str | None:
    """Return who says `text` where it opens with a name and a colon, lower case."""
    match = _SPEAKER.match(text)
    return match[1].casefold() if match else None


def _speaker(text: str, named: set[str]) -> list[float]:
    """Whether the one person whom the question names says it, and whether another does."""
    if len(named) != 1:
        return [0.0, 0.0]
    name = speaker_of(text)
    return [float(name in named), float(name is not None and name not in named)]


def _date(named: Sequence[NamedDate], said: date) -> list[float]:
    """How near `said` is to a date of the question: people tell of a day on it or soon after."""
    if not named:
        return [0.0, 0.0]
    best = max(_nearness(one, said) for one in named)
    return [best, float(best == 0)]


def _nearness(named: NamedDate, said: date) -> float:
    years = [named.year] if named.year else [said.year - 1, said.year, said.year + 1]
    return max(_nearness_in(year, named, said) for year in years)


def _nearness_in(year: int, named: NamedDate, said: date) -> float:
    try:
        days = (said - date(year, named.month, named.day or 1)).days
    except ValueError:  # 31 June
        return 0.0
    if named.day is not None:
        return 1.0 if days == 0 else 0.7 if 0 < days <= 3 else 0.4 if -1 <= days <= 10 else 0.0
    if (said.year, said.month) == (year, named.month):
        return 0.7
    return 0.3 if 0 <= days <= 45 else 0.0


def _telling(marks: Sequence[bool]) -> float:
    """Return how much a mark tells texts apart: 1 where one of them bears it, 0 where all do."""
    bearing, all_of_them = max(1, sum(marks)), max(2, len(marks))
    return max(0.0, math.log(all_of_them / bearing) / math.log(all_of_them))


def _form(question: Query, one: Candidate, text: str, *, prefers: float) -> list[float]:
    standing = bool(_STANDING.search(text))
    return [
        float(bool(_ASKS.search(text))),
        math.log1p(folding.word_count(text)) / 5,
        float(question.when and bool(_TIME.search(text))),
        float(question.amount and bool(_DIGIT.search(text))),
        question.advice * one.meaning,
        question.advice * one.words,
        float(question.advice and standing),
        float(question.advice and bool(_ASKED_FOR.search(text))),
        question.advice * prefers,
        float(standing),
        prefers,
        float(question.amount and bool(_UPDATE.search(text))),
        question.overview * one.meaning,
    ]
