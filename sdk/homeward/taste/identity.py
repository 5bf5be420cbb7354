"""
Takes the words that say who a person is out of a text, before taste looks at it.

Knows words, not meanings: a name, a dialect or a place can still tell. It makes texts that differ
only in a listed word equal for taste, so that no listed word can earn a weight.
"""

import re
from importlib.resources import files
from itertools import groupby

_ANYONE = "someone"

# Words that are as often something else count only before a word for people.
_PEOPLE = "people person persons folks users citizens neighbours neighbors colleagues couples"
_AMBIGUOUS = "white black brown native old older young younger straight short tall poor rich"


def _listed() -> str:
    """Alternatives of all listed words, by first letter: a word is tried against few, not all."""
    lines = files("homeward.taste").joinpath("identity_words.txt").read_text("utf-8").splitlines()
    words = sorted(
        (line for line in lines if not line.startswith("#")), key=lambda w: (w[0], -len(w))
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
