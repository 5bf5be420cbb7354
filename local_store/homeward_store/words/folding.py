"""
Decides when two texts have the same words, for topics, secrets and repeated sentences.

Pure. No language is assumed. What makes no difference: case (Turkish dotless i and German ß, too),
accents, compatibility forms (ligatures, full width), characters without width, kinds of dashes,
the stops of an abbreviation ("H.I.V."), and what stands between the digits of a number. Accents
make none because the full-text index ignores them as well: forgetting must find whatever recall
finds. Letters of two alphabets that only look alike differ.
"""

import re
import unicodedata
from collections.abc import Iterator
from functools import lru_cache

_SEPARATED = re.compile(r"(\d)[\s\-./,'’·()]{1,3}(?=\d)")  # noqa: RUF001  digits
_DOTTED = re.compile(r"(?<![^\W_])[^\W\d_](?:\.[^\W\d_])+(?![^\W_])")  # "h.i.v"
# Vowels and tones of Indic and South East Asian scripts belong to the word; `\w` has them not.
_MARKS = (
    r"\u0900-\u0903\u093a-\u094f\u0955-\u0957\u0962\u0963\u0981-\u0983\u09bc-\u09cd"
    r"\u0a01-\u0a03\u0a3c-\u0a4d\u0a70\u0a71\u0a81-\u0a83\u0abc-\u0acd\u0b01-\u0b03"
    r"\u0b3c-\u0b57\u0b82\u0bbe-\u0bcd"
    r"\u0c00-\u0c04\u0c3c-\u0c56\u0c81-\u0c83\u0cbc-\u0cd6\u0d00-\u0d03\u0d3b-\u0d57\u0d81-\u0ddf"
    r"\u0e31\u0e34-\u0e3a\u0e47-\u0e4e\u0eb1\u0eb4-\u0ebc\u0ec8-\u0ece\u102b-\u103e\u1056-\u1059"
    r"\u105e-\u1060\u1062-\u1064\u1067-\u106d\u1071-\u1074\u1082-\u108d\u17b4-\u17d3"
)
_WORD = re.compile(rf"(?:[^\W_]|[{_MARKS}])+")
_PLAIN_WORD = re.compile(r"[^\W_]+")
# No width, or no look at all; besides these, everything of the category "Cf".
_UNSEEN = re.compile(
    "[\0-\b\x0e-\x1f\x7f\u034f\u115f\u1160\u17b4\u17b5\ufe00-\ufe0f\U000e0100-\U000e01ef]"
)
# Thai to Khmer, kana, Han and Hangul do not part words by spaces, or not all of them.
_NO_SPACES = (
    r"\u0e00-\u0eff\u1000-\u109f\u1780-\u17ff\u3040-\u9fff\uac00-\ud7af\U00020000-\U0003ffff"
)
_UNSPACED = re.compile(f"[{_NO_SPACES}]")
# A word of another script may begin or end where one of these stands, without a space.
_SPACED = rf"[^\W{_NO_SPACES}]"
_SEAM = re.compile(rf"(?<=[{_NO_SPACES}])(?={_SPACED})|(?<={_SPACED})(?=[{_NO_SPACES}])")
_SIGN = re.compile(rf".[{_MARKS}]*", re.DOTALL)
_ALIKE = {
    **dict.fromkeys(map(ord, "‐‑‒–—―−﹣－"), "-"),  # noqa: RUF001
    **dict.fromkeys(map(ord, "’‘ʼ´＇"), "'"),  # noqa: RUF001
    **{ord(one): other for one, other in ("ıi", "øo", "łl", "đd")},  # noqa: RUF001  no decomposition
    ord("æ"): "ae",
    ord("œ"): "oe",
}
# Who has no such key writes two letters: Mueller, Groenland, Aarhus.
_TRANSCRIBED = str.maketrans({"ä": "ae", "ö": "oe", "ü": "ue", "ø": "oe", "å": "aa"})


def visible(text: str) -> str:
    """Return `text` as it looks: compatibility forms resolved, digits as 0 to 9, nothing unseen."""
    if text.isascii():
        return _UNSEEN.sub("", text)
    shown = unicodedata.normalize("NFKC", text)
    return "".join(map(_shown, _UNSEEN.sub("", shown)))


def folded(text: str) -> str:
    """Return `text` without what makes no difference, but for what stands between digits."""
    seen = visible(text).casefold()
    if seen.isascii():
        return seen
    bare = (one for one in unicodedata.normalize("NFKD", seen) if not _is_accent(one))
    return unicodedata.normalize("NFKC", "".join(bare)).translate(_ALIKE)


def transcribed(text: str) -> str:
    """Return `text`, folded, as it is typed where there is no key for umlauts."""
    return folded(visible(text).casefold().translate(_TRANSCRIBED))


def joined_numbers(text: str) -> str:
    """Return `text` with nothing between the digits of a number."""
    return _SEPARATED.sub(r"\1", text)


def words(plain: str) -> list[str]:
    """Return the words of a folded text; a number is one word, and so is an abbreviation."""
    joined = _DOTTED.sub(lambda match: match[0].replace(".", ""), joined_numbers(plain))
    return find_words(parted(joined))


def find_words(text: str) -> list[str]:
    """Return the runs of letters, digits and their marks in `text`, which may be folded or not."""
    return (_PLAIN_WORD if text.isascii() else _WORD).findall(text)


def parted(text: str) -> str:
    """Return `text` with a space wherever a script that parts words by spaces meets another."""
    return text if text.isascii() else _SEAM.sub(" ", text)


def signs(word: str) -> list[str]:
    """Return the signs of a word in a script without spaces, each with its vowels and tones."""
    return _SIGN.findall(word)


def word_count(text: str) -> int:
    """Return how many words `text` has: two signs count as one where no spaces part them."""
    spaced = parted(text).split()
    if text.isascii():  # most texts: not looked at word by word
        return len(spaced)
    return sum(-(-len(signs(one)) // 2) if runs_on(one) else 1 for one in spaced)


def phrase(text: str) -> str:
    """Return the words of `text` in their order, a space around each; "" where it has none."""
    said = " ".join(words(folded(text)))
    return f" {said} " if said else ""


def places(text: str, sought: str) -> Iterator[tuple[int, int]]:
    """Yield from which character of `text` to which it says the words of the phrase `sought`."""
    plain, at = _aligned(text)
    between = _between(sought.split())
    edge = "" if runs_on(sought) else r"[^\W_]"
    pattern = rf"(?<!{edge}){between}(?!{edge})" if edge else between
    for one in re.finditer(pattern, plain) if between else ():
        yield at[one.start()], at[one.end()]


def runs_on(text: str) -> bool:
    """Return whether `text` is in a script that does not part words by spaces."""
    return not text.isascii() and bool(_UNSPACED.search(text))


def _between(words: list[str]) -> str:
    """Return a pattern for `words` in a row; where two scripts meet, nothing need stand between."""
    pattern = ""
    for at, word in enumerate(words):
        meet = at and runs_on(word) != runs_on(words[at - 1])
        pattern += (r"[\W_]*" if meet else r"[\W_]+" if at else "") + _spaced(word)
    return pattern


def _spaced(word: str) -> str:
    """Return a pattern for `word` in a text: with stops between letters, separators in numbers."""
    digits = re.sub(r"(?<=\d)(?=\d)", lambda _: r"[\s\-./,'’·()]{0,3}", re.escape(word))  # noqa: RUF001
    return re.sub(r"(?<=[^\W\d_])(?=[^\W\d_])", lambda _: r"\.?", digits)


def _aligned(text: str) -> tuple[str, list[int]]:
    """Return `text`, folded, and for each of its characters and its end the place in `text`."""
    plain, at = list[str](), list[int]()
    starts = [i for i, one in enumerate(text) if not i or not unicodedata.combining(one)]
    for start, end in zip(starts, [*starts[1:], len(text)], strict=True):
        piece = folded(text[start:end])
        plain.append(piece)
        at += [start] * len(piece)
    return "".join(plain), [*at, len(text)]


@lru_cache(4096)
def _shown(one: str) -> str:
    if one.isdecimal():
        return str(unicodedata.decimal(one))
    return "" if unicodedata.category(one) == "Cf" else one.translate(_ALIKE)


def _is_accent(one: str) -> bool:
    # Canonical classes: 10 to 35 are Hebrew and Arabic points, from 200 on what stands above or
    # below a letter. Marks that make another letter of it, as in kana and Indic scripts, stay.
    rank = unicodedata.combining(one)
    return rank >= 200 or 10 <= rank <= 35
