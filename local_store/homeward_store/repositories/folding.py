"""
Decides when two texts have the same words, for topics and repeated sentences.

Pure. No language is assumed. What makes no difference: case (Turkish dotless i and German ß, too),
accents, compatibility forms (ligatures, full width), characters without width, kinds of dashes,
the stops of an abbreviation ("H.I.V."), and what stands between the digits of a number. Accents make none because the full-text index
ignores them as well: forgetting must find whatever recall finds. Letters of two alphabets that
only look alike differ.
"""

import re
import unicodedata
from collections.abc import Iterator
from functools import cache, lru_cache
from itertools import pairwise
from typing import Any

from homeward_store.repositories.full_text import FUNCTION_WORDS

_SEPARATED = re.compile(r"(\d)[\s\-./,'’·()]{1,3}(?=\d)")  # noqa: RUF001  digits
_DOTTED = re.compile(r"(?<![^\W_])[^\W\d_](?:\.[^\W\d_])+(?![^\W_])")  # "h.i.v"
_HYPHENATED = re.compile(r"[^\W_]+(?:-[^\W_]+)+")
_WORD = re.compile(r"[^\W_]+")
# Where a name that is written as one word has its parts: "trainTicket", "zoe2024".
_SEAM = re.compile(r"(?<=[^\W\d_A-Z])(?=[A-Z])|(?<=\d)(?=[^\W\d_])|(?<=[^\W\d_])(?=\d)")
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
    **{ord("æ"): "ae", ord("œ"): "oe"},
}
# Who has no such key writes two letters: Mueller, Groenland, Aarhus.
_TRANSCRIBED = str.maketrans({"ä": "ae", "ö": "oe", "ü": "ue", "ø": "oe", "å": "aa"})
_BEGINNING = 3  # letters that the forms of one word begin with alike
_COMPOUND = 6  # letters from which a topic also names longer words that begin with it
_NUMBER = 5  # digits from which a number is also found within a longer one
_ROOT = 4  # letters, at least, that are left without an English ending
_LEARNED_ENDING = re.compile(r"(?:y|ies|ic|ics|ical|ists?)$")  # allergy, allergic; therapist
_F_PLURAL = re.compile(r"(?:fe?|ves)$")  # wife, wives; leaf, leaves
_IRREGULAR = (
    "man men, woman women, child children, person people, mouse mice, foot feet, tooth teeth,"
    " goose geese"
)
_LANGUAGES = (
    "danish dutch english finnish french german hungarian italian norwegian portuguese romanian"
    " russian spanish swedish turkish"
).split()
_ENGLISH = _LANGUAGES.index("english")


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


def phrase(text: str) -> str:
    """Return the words of `text` in their order, a space around each; "" where it has none."""
    words = _words(folded(text))
    return f" {' '.join(words)} " if words else ""


def places(text: str, sought: str) -> Iterator[tuple[int, int]]:
    """Yield from which character of `text` to which it says the words of the phrase `sought`."""
    plain, at = _aligned(text)
    between = r"[\W_]+".join(map(_spaced, sought.split()))
    edge = "" if runs_on(sought) else r"[^\W_]"
    pattern = rf"(?<!{edge}){between}(?!{edge})" if edge else between
    for one in re.finditer(pattern, plain) if between else ():
        yield at[one.start()], at[one.end()]


Topic = tuple[tuple[tuple[str, ...], ...], ...]
"""The words of a topic, each in its spellings; a spelling may be several words."""


def parse_topic(topic: str) -> Topic:
    """Return what a text must hold, all of it, to be about `topic`."""
    plain = _SEPARATED.sub(r"\1", folded(topic))
    if not _WORD.search(plain):
        return tuple(((one,),) for one in dict.fromkeys(plain.split()))
    written = _SEPARATED.sub(r"\1", visible(topic)).split()
    words = dict.fromkeys(spellings for one in written if (spellings := _spellings(one)))
    telling = [one for one in words if not FUNCTION_WORDS.issuperset(one[0])]
    return tuple(telling or words)


def names(text: str, topic: Topic) -> bool:
    """
    Return whether `text` holds every word of `topic`, and any.

    A word is held by its other forms ("divorce", "divorced"), by other spellings ("H.I.V.",
    "exwife", "Mueller"), by names that are written as one ("zoe_2024.png") and, from six letters
    on, by longer words that begin with it.
    """
    if not topic:
        return False
    plain = folded(text)
    letters = "".join(_WORD.findall(f"{plain} {_transcribed(text)}"))
    sought = [one for spellings in topic for spelling in spellings for one in spelling]
    if not any(_may_hold(f"{plain} {letters}", form) for one in sought for form in _forms(one)):
        return False
    held = words_of(text)
    together = {f"{one}{after}" for one, after in pairwise(_words(plain))}
    return all(
        any(all(_holds(plain, held, together, one) for one in spelling) for spelling in spellings)
        for spellings in topic
    )


def words_of(text: str) -> set[str]:
    """Return the words of `text`: numbers joined and as they stand, names also by their parts."""
    plain = folded(text)
    parts = _WORD.findall(folded(_SEAM.sub(" ", visible(text))))
    joined = (one.replace("-", "") for one in _HYPHENATED.findall(plain))
    return {*_words(plain), *_WORD.findall(plain), *parts, *joined, *_words(_transcribed(text))}


def runs_on(text: str) -> bool:
    """Return whether `text` is in a script that does not part words by spaces."""
    return bool(_UNSPACED.search(text))


def _words(plain: str) -> list[str]:
    """Return the words of a folded text; a number is one word, and so is an abbreviation."""
    joined = _DOTTED.sub(lambda match: match[0].replace(".", ""), _SEPARATED.sub(r"\1", plain))
    return _WORD.findall(joined)


def _spellings(written: str) -> tuple[tuple[str, ...], ...]:
    """Return how a word of a topic may stand in a text, as one word or as several."""
    found = (tuple(_words(plain)) for plain in (folded(written), _transcribed(written)))
    apart = [words for words in found if words]
    return tuple(dict.fromkeys([*apart, *(("".join(words),) for words in apart)]))


def _transcribed(text: str) -> str:
    return folded(visible(text).casefold().translate(_TRANSCRIBED))


def _spaced(word: str) -> str:
    """Return a pattern for `word` in a text: with something between digits, stops between letters."""
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


def _may_hold(plain: str, word: str) -> bool:
    """Return whether it is worth looking closer. Quick, and never wrong where it says no."""
    return word.isdecimal() or word[:_BEGINNING] in plain


def _holds(plain: str, held: set[str], together: set[str], word: str) -> bool:
    if not _WORD.fullmatch(word) or runs_on(word):
        return word in plain
    if word.isdecimal():
        numbers = (one for one in held if one.isdecimal())
        return word in held or (len(word) >= _NUMBER and any(word in one for one in numbers))
    if len(word) >= _COMPOUND and word in together:
        return True  # "girl friend"
    if any(form in held for form in _forms(word)):
        return True
    near = [one for one in held if one[:_BEGINNING] == word[:_BEGINNING]]
    if len(word) >= _COMPOUND and any(one.startswith(word) for one in near):
        return True
    return any(not _stems(one).isdisjoint(_stems(word)) for one in near)


@lru_cache(4096)
def _forms(word: str) -> tuple[str, ...]:
    """Return `word` and the forms of it that no ending tells."""
    irregular = next((pair for pair in _pairs() if word in pair), ())
    base = _F_PLURAL.sub("", word)
    plurals = (f"{base}f", f"{base}fe", f"{base}ves") if base != word and len(base) > 1 else ()
    return tuple(dict.fromkeys((word, *irregular, *plurals)))


@cache
def _pairs() -> list[tuple[str, ...]]:
    return [tuple(pair.split()) for pair in _IRREGULAR.split(",")]


@lru_cache(65536)
def _stems(word: str) -> frozenset[tuple[int, str]]:
    """Return what is left of `word` without its endings, by each language's rules."""
    found = {(at, one.stemWord(word)) for at, one in enumerate(_stemmers())}
    root = _LEARNED_ENDING.sub("", word)
    if word.endswith(("ncy", "nce")):
        found.add((_ENGLISH, f"{word[:-3]}nt"))  # pregnancy, pregnant
    if root != word and len(root) >= _ROOT:
        found.add((-1, root))
    return frozenset(found)


@cache
def _stemmers() -> list[Any]:
    import snowballstemmer  # noqa: PLC0415  # fifteen languages: loaded when first forgetting

    return [snowballstemmer.stemmer(language) for language in _LANGUAGES]
