"""
Tells the language of a text by its script and its commonest words.

Pure. What it is used for must do without: a short text, or one of names, has none.
"""

import re
import tomllib
import unicodedata
from functools import cache
from importlib.resources import files

from homeward_store.words import folding

_LISTS = tomllib.loads(files(__package__).joinpath("languages.toml").read_text("utf-8"))
STEMMERS: dict[str, str] = _LISTS["stemmer"]
FUNCTION_WORDS: dict[str, frozenset[str]] = {
    language: frozenset(words.split()) for language, words in _LISTS["function_words"].items()
}
_LETTERS: dict[str, re.Pattern[str]] = {
    one: re.compile(f"[{letters}]") for one, letters in _LISTS["letters"].items()
}
_ACCENTS: dict[str, str] = _LISTS["accents"]
_TELLS = 2.0  # words that a letter of one language alone is worth
_LATIN = re.compile(r"[a-z\u00c0-\u024f\u1e00-\u1eff]", re.IGNORECASE)
_UKRAINIAN = re.compile("[іїєґ]", re.IGNORECASE)
_PERSIAN = re.compile("[پچژگ]")
_BY_WORDS = tuple(
    one for one in FUNCTION_WORDS if one not in _LETTERS
)  # those that are written in Latin letters


def language_of(text: str) -> str | None:
    """Return the language of `text` as ISO 639-1, None where neither script nor words tell it."""
    if text.isascii():
        return _by_words(text)
    counts = {one: len(letters.findall(text)) for one, letters in _LETTERS.items()}
    most = max(counts, key=lambda one: counts[one])
    if counts[most] < len(_LATIN.findall(text)) or not counts[most]:
        return _by_words(unicodedata.normalize("NFC", text))
    if most == "zh" and counts["ja"]:
        return "ja"
    if (most == "ru" and _UKRAINIAN.search(text)) or (most == "ar" and _PERSIAN.search(text)):
        return "uk" if most == "ru" else "fa"
    return most


def _by_words(text: str) -> str | None:
    """Return the language with the most function words in `text`; None if two have as many."""
    counts = dict.fromkeys(_BY_WORDS, 0.0)
    for letter in () if text.isascii() else set(text.lower()):
        having = [one for one, letters in _ACCENTS.items() if letter in letters]
        for one in having:
            counts[one] += _TELLS / len(having)
    for word in folding.find_words(text):
        for one in _languages_of(word.casefold()):
            counts[one] += 1
    first, second = sorted(counts, key=lambda one: counts[one], reverse=True)[:2]
    return first if counts[first] > counts[second] else None


def _languages_of(word: str) -> tuple[str, ...]:
    return _having().get(word, ())


@cache
def _having() -> dict[str, tuple[str, ...]]:
    """Return the languages by each of their function words."""
    words = {word for one in _BY_WORDS for word in FUNCTION_WORDS[one]}
    return {word: tuple(one for one in _BY_WORDS if word in FUNCTION_WORDS[one]) for word in words}
