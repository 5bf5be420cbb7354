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
_WORD = re.compile(r"[^\W_]+")
# No width, or no look at all; besides these, everything of the category "Cf".
_UNSEEN = re.compile(
    "[\0-\b\x0e-\x1f\x7f\u034f\u115f\u1160\u17b4\u17b5\ufe00-\ufe0f\U000e0100-\U000e01ef]"
)
# Thai to Khmer, kana, Han and Hangul do not part words by spaces, or not all of them.
_UNSPACED = re.compile(r"[\u0e00-\u0eff\u1000-\u109f\u1780-\u17ff\u3040-\u9fff\uac00-\ud7af]")
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
    return _WORD.findall(joined)


def phrase(text: str) -> str:
    """Return the words of `text` in their order, a space around each; "" where it has none."""
    said = " ".join(words(folded(text)))
    return f" {said} " if said else ""


def places(text: str, sought: str) -> Iterator[tuple[int, int]]:
    """Yield from which character of `text` to which it says the words of the phrase `sought`."""
    plain, at = _aligned(text)
    between = r"[\W_]+".join(map(_spaced, sought.split()))
    edge = "" if runs_on(sought) else r"[^\W_]"
    pattern = rf"(?<!{edge}){between}(?!{edge})" if edge else between
    for one in re.finditer(pattern, plain) if between else ():
        yield at[one.start()], at[one.end()]


def runs_on(text: str) -> bool:
    """Return whether `text` is in a script that does not part words by spaces."""
    return bool(_UNSPACED.search(text))


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
