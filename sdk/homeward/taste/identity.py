"""
Removes words that say who a person is from a text, before taste looks at it.

Knows words, not meanings: a name, a dialect or a place can still tell. It makes texts that differ
only in a listed word equal for taste, so that no listed word can earn a weight.

The same list says which word stands for another identity of its axis, for audits.
"""

import re
from collections.abc import Mapping
from functools import cache
from importlib.resources import files
from itertools import groupby

_ANYONE = "someone"

# Words that are as often something else count only before a word for people.
_PEOPLE = "people person persons folks users citizens neighbours neighbors colleagues couples"
_AMBIGUOUS = "white black brown native old older young younger straight short tall poor rich"


_GENDERS = (
    "man woman, men women, boy girl, male female, father mother, husband wife, son daughter,"
    " brother sister, grandfather grandmother, boyfriend girlfriend, dad mum, uncle aunt"
)


def _lines() -> list[str]:
    file = files("homeward.taste").joinpath("identity_words.txt")
    return file.read_text("utf-8").splitlines()


def _listed() -> str:
    """Alternatives of all listed words, by first letter: a word is tried against few, not all."""
    words = sorted(
        (line for line in _lines() if not line.startswith("#")), key=lambda w: (w[0], -len(w))
    )
    letters = groupby(words, key=lambda word: word[0])
    return "|".join(f"{first}(?:{'|'.join(one[1:] for one in rest)})" for first, rest in letters)


_TERM = rf"(?:non-?)?(?:{_listed()})(?:s|es)?\b"
# With its article, and several as one: "an Asian woman" and "a man" come out alike.
_TERMS = re.compile(rf"\b(?:an?\s+)?{_TERM}(?:\s+{_TERM})*", re.IGNORECASE)
_BEFORE_PEOPLE = re.compile(
    rf"\b(?:{_AMBIGUOUS.replace(' ', '|')})\s+(?=(?:{_PEOPLE.replace(' ', '|')})\b|{_TERM})",
    re.IGNORECASE,
)
_PRONOUNS = (
    (re.compile(r"\b(?:he|she)\b", re.IGNORECASE), "they"),
    (re.compile(r"\b(?:him|her|his|hers)\b", re.IGNORECASE), "their"),
    (re.compile(r"\b(?:himself|herself)\b", re.IGNORECASE), "themself"),
)


def neutral(text: str) -> str:
    """
    `text` with listed identity words replaced by one word, and gendered pronouns by `they`.

    Guarantees:
        Two texts that differ only in which listed word of one axis they use come out equal.
    """
    text = _TERMS.sub(_ANYONE, _BEFORE_PEOPLE.sub("", text))
    for pattern, instead in _PRONOUNS:
        text = pattern.sub(instead, text)
    return text


def swapped(text: str) -> str:
    """
    `text` with every listed word exchanged for one of another identity: a Turk for a Ukrainian.

    Guarantees:
        A text without a listed word comes out as it is. Who is meant is always the same other.
    """
    return _ONE_TERM.sub(_other, text)


_ONE_TERM = re.compile(rf"\b(?:(an?)(\s+))?({_listed()})(s|es)?\b", re.IGNORECASE)


def _other(match: re.Match[str]) -> str:
    article, gap, word, plural = match.groups(default="")
    other = _others()[word.lower()]
    other = other.capitalize() if word[0].isupper() else other
    if article:
        wanted = "an" if other[0].lower() in "aeiou" else "a"
        article = wanted.capitalize() if article[0].isupper() else wanted
    return f"{article}{gap}{other}{plural}"


@cache
def _others() -> Mapping[str, str]:
    """Each listed word, and the next one of its axis; a gendered word, and its counterpart."""
    others: dict[str, str] = {}
    axis = list[str]()
    for line in [*_lines(), "#"]:
        if not line.startswith("#"):
            axis.append(line)
            continue
        others |= dict(zip(axis, axis[1:] + axis[:1], strict=True))
        axis = []
    for pair in _GENDERS.split(", "):
        one, other = pair.split()
        others |= {one: other, other: one}
    return others
