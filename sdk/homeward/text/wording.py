"""
Normalizes a text to its sequence of words and symbols, so that typing differences vanish.

Pure. Errs on the side of a difference: a fact kept twice costs a line, a fact dropped is lost.
"""

import re
import unicodedata

Said = tuple[str, ...]

_SAID = re.compile(
    r"[-+]?\d+(?:[.,]\d+)*"  # a number with its sign and separators is one word
    r"|[^\W\d_]+(?:'[^\W\d_]+)*"
    r"|\S"  # any symbol: an emoji, a sign, a mark
)
# How one character may be typed in two ways that mean the same: ½ is not 1/2, nor ² 2.
_TYPED_OTHERWISE = ("<wide>", "<narrow>", "<noBreak>", "<compat>")
_UNSEEN = re.compile("[\u00ad\u200b\u200e\u200f\u202a-\u202e\u2060\u2066-\u2069\ufe0e\ufe0f\ufeff]")
_SAME_MARKS = str.maketrans("‘’“”–", "''\"\"-")  # noqa: RUF001
_SHORT = re.compile(r"'(m|re|ve|ll)\b", re.IGNORECASE)
_LONG = {"m": " am", "re": " are", "ve": " have", "ll": " will"}
_ENDINGS = frozenset(".!。")
_BEFORE_A_BEGINNING = frozenset(".!?。！？:;…\"'(*•-")  # noqa: RUF001


def said(text: str, *, initials: bool = True) -> Said:
    """
    Return what `text` says: its words, numbers and symbols in their order.

    White space, accents' encoding, final stops and the case of a sentence's first word make no
    difference. A capital elsewhere does (Polish and polish, mW and MW, IT), and so does the case of
    what follows a number (5 mg and 5 Mg, room 12a and 12A), unless all of the text is in capitals.
    `initials`: False: words that only begin with a capital are as without.
    """
    typed = _SHORT.sub(lambda match: _LONG[match[1].casefold()], _plainly_typed(text))
    fold_all = typed.isupper()
    found = _SAID.findall(typed)
    words = [
        word.lower() if fold_all or _is_case_style(word, after=before, initials=initials) else word
        for before, word in zip(["", *found], found, strict=False)
    ]
    while words and words[-1] in _ENDINGS:
        words.pop()
    return tuple(words)


def say_the_same(one: str, other: str) -> bool:
    """
    Return whether two sentences have the same words and symbols in the same order.

    Whoever types without capitals, or in nothing else, says nothing by the case of a word.
    """
    initials = not any(text.islower() or text.isupper() for text in (one, other))
    return said(one, initials=initials) == said(other, initials=initials)


def _plainly_typed(text: str) -> str:
    if text.isascii():  # which is typed in one way only
        return text
    composed = unicodedata.normalize("NFC", _UNSEEN.sub("", text))
    return "".join(map(_usual, composed)).translate(_SAME_MARKS)


def _usual(character: str) -> str:
    if unicodedata.decomposition(character).startswith(_TYPED_OTHERWISE):
        return unicodedata.normalize("NFKC", character)
    return character


def _is_case_style(word: str, *, after: str, initials: bool) -> bool:
    """Return whether the case of `word` is a matter of style; "ß" and "ss" are two spellings."""
    if word[1:] != word[1:].lower() or after[-1:].isdigit():
        return False
    begins = not after or after in _BEFORE_A_BEGINNING
    return begins or not initials or word == "I" or word.startswith("I'")
