"""
Parses what a question asks for from its words.

The patterns are English. In another language none of them matches, every signal that depends on
them is zero, and the ranking rests on words, meaning and the course of the conversation.
"""

import re
from dataclasses import dataclass
from functools import lru_cache

from homeward_store.words import folding
from homeward_store.words.forms import pairs
from homeward_store.words.language import FUNCTION_WORDS

_ADVICE = re.compile(
    r"\b(recommend|suggest|advice|tips|ideas?|should i|how (can|should|would|do|could) i"
    r"|can you (help|show|walk|explain|give)|(help|walk|show) me|explain|what do you think"
    r"|what (are|is|would be) (some|the best|a good|good|the different|the main|common)"
    r"|what (steps|kind of|type of|tools|factors|strateg\w*)"
    r"|i'm (planning|thinking|looking|about))",
    re.IGNORECASE,
)
_RECOLLECTION = re.compile(r"\b(did|have|had|was) i\b|\bi (say|said|mention|mentioned)\b", re.I)
_OVERVIEW = re.compile(r"\b(summar\w*|order in which|overview|throughout our|in order)\b", re.I)
_PAST = re.compile(
    r"\b(used to|previous(ly)?|formerly|originally|at first|initial(ly)?|before)\b", re.I
)
_WHEN = re.compile(r"\b(when|what (date|day|month|year|time)|how long|deadline|schedul\w*)\b", re.I)
_AMOUNT = re.compile(
    r"\b(how (many|much|old|often)|percentage|number of|budget|cost|rate|total|average|score)\b",
    re.I,
)
_WORD = re.compile(r"\w+")
_ENDING = re.compile(r"(ing|ed|es|s|ly)$")
_FUNCTION_WORDS = FUNCTION_WORDS["en"]

MONTHS = (
    "january february march april may june july august september october november december".split()
)
_MONTH = "|".join(MONTHS)
_DATE = re.compile(
    rf"\b(?P<month>{_MONTH})\b(?:\s+(?P<day>\d{{1,2}}))?"
    rf"|\b(?P<first>\d{{1,2}})(?:st|nd|rd|th)?(?:\s+of)?\s+(?P<then>{_MONTH})\b",
    re.I,
)
_YEAR = re.compile(r"\b(20\d\d|19\d\d)\b")


@dataclass(frozen=True, slots=True)
class NamedDate:
    """A date that a question names, as far as it names it."""

    month: int
    day: int | None
    year: int | None


@dataclass(frozen=True, slots=True)
class Query:
    """A question and what it asks for."""

    text: str
    stems: frozenset[str]  # of its telling words
    capitals: frozenset[str]  # its words that may be names, lower case
    dates: tuple[NamedDate, ...]
    advice: bool  # wants something made or recommended: what the person likes matters
    overview: bool  # wants everything, not one fact
    past: bool  # asks how things were
    when: bool
    amount: bool


@lru_cache(maxsize=4096)
def stem(word: str) -> str:
    """Return `word` without the commonest English endings: enough to compare, not to show."""
    return _ENDING.sub("", word) if len(word) > 4 else word


def stems(text: str) -> frozenset[str]:
    """Return the stems of the telling words in `text`."""
    words = set(folding.find_words(folding.parted(text.casefold()))) - _FUNCTION_WORDS
    return frozenset(form for word in words for form in _compared(word))


def _compared(word: str) -> list[str]:
    """Return by what a word is compared: its stem, or its pairs of signs where no spaces part."""
    return pairs(folding.signs(word)) if folding.runs_on(word) else [stem(word)]


def parse_query(text: str) -> Query:
    """Return what `text` asks for."""
    return Query(
        text=text,
        stems=stems(text),
        capitals=frozenset(word.casefold() for word in _WORD.findall(text) if word[0].isupper()),
        dates=tuple(_dates(text)),
        advice=bool(_ADVICE.search(text)) and not _RECOLLECTION.search(text),
        overview=bool(_OVERVIEW.search(text)),
        past=bool(_PAST.search(text)),
        when=bool(_WHEN.search(text)),
        amount=bool(_AMOUNT.search(text)),
    )


def _dates(text: str) -> list[NamedDate]:
    year = _YEAR.search(text)
    found: list[NamedDate] = []
    for match in _DATE.finditer(text):
        name, number = match["month"] or match["then"], match["day"] or match["first"]
        if name == "may" and number is None:  # the verb
            continue
        day = int(number) if number and 1 <= int(number) <= 31 else None
        month = MONTHS.index(name.casefold()) + 1
        found.append(NamedDate(month, day, int(year[0]) if year else None))
    return found
