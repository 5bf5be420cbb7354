"""
Decides whether a sentence tells of who says it, asks, or orders.

Pure. By words and endings of eighteen languages (`telling.toml`); a sentence of another language
tells of its writer unless it is written in Latin letters.
"""

import re
import tomllib
from collections.abc import Sequence
from importlib.resources import files

from homeward_store.words import folding
from homeward_store.words.language import FUNCTION_WORDS, language_of

MIN_STATEMENT_WORDS = 3
"""Shorter utterances ("ok thanks") answer no later question, unless one speaks of oneself."""

_MIN_OWN_WORDS = 2  # "I smoke."
_LISTS = tomllib.loads(files(__package__).joinpath("telling.toml").read_text("utf-8"))


def _all_words(name: str) -> frozenset[str]:
    return frozenset(word for words in _LISTS[name].values() for word in words.split())


def _any_of(name: str) -> re.Pattern[str]:
    patterns = (_one_line(one) for one in _LISTS[name].values())
    return re.compile("|".join(f"(?:{one})" for one in patterns), re.IGNORECASE)


def _one_line(pattern: str) -> str:
    return re.sub(r"\s*\n\s*", "", pattern) if "\n" in pattern else pattern


_FIRST_PERSON = _all_words("first_person")
_FIRST_PERSON_UNSPACED = _any_of("first_person_unspaced")
_ORDERS = _all_words("orders")
_ORDERS_UNSPACED = _any_of("orders_unspaced")
_UNMARKED_QUESTION = _any_of("questions")
_SMALL_TALK = frozenset(
    folding.phrase(one) for said in _LISTS["small_talk"].values() for one in said.split("|")
)
_SMALL_TALK_BEGINS = re.compile(rf"\W*(?:{_any_of('small_talk_begins').pattern})", re.IGNORECASE)
_DROPPED: dict[str, dict[str, re.Pattern[str]]] = {
    where: {one: re.compile(ends) for one, ends in _LISTS["dropped_subject"][where].items()}
    for where in ("ending", "any")
}
_NOT_AFTER = {
    one: set(words.split()) for one, words in _LISTS["dropped_subject"]["not_after"].items()
}
_LATIN = re.compile(r"[a-z\u00c0-\u024f\u1e00-\u1eff]", re.IGNORECASE)
_QUESTION_END = re.compile(r"[?？؟；;‽⁇⁈]\W*$")  # noqa: RUF001  Greek asks with a semicolon
_GREEK = re.compile(r"[\u0370-\u03ff]")


def is_statement(sentence: str) -> bool:
    """Return whether `sentence` tells of who says it, so that it may answer a later question."""
    if is_question(sentence) or is_imperative(sentence) or _is_small_talk(sentence):
        return False
    length = len(_words(sentence))
    if in_first_person(sentence):
        return length >= _MIN_OWN_WORDS
    if _drops_its_subject(sentence):
        return length >= _MIN_OWN_WORDS
    latin = _LATIN.search(sentence) and not folding.runs_on(sentence)
    return not latin and folding.word_count(sentence) >= MIN_STATEMENT_WORDS


def in_first_person(sentence: str) -> bool:
    """Return whether who says `sentence` speaks of themself, by a word that says so."""
    return bool(
        not _FIRST_PERSON.isdisjoint(_words(sentence)) or _FIRST_PERSON_UNSPACED.search(sentence)
    )


def is_imperative(sentence: str) -> bool:
    """Return whether `sentence` is worded as an order."""
    first = next(iter(_words(sentence)), "")
    return first in _ORDERS or bool(_ORDERS_UNSPACED.search(sentence.strip()))


def is_question(sentence: str) -> bool:
    """Return whether `sentence` ends as a question does, or is worded as one without a mark."""
    marked = _QUESTION_END.search(sentence)
    if marked and (marked[0][0] not in ";；" or _GREEK.search(sentence)):  # noqa: RUF001
        return True
    return bool(_UNMARKED_QUESTION.search(sentence.strip().lower()))


def _words(text: str) -> list[str]:
    """Return the words of `text`; where no spaces part them, two signs are one."""
    found = list[str]()
    for word in folding.find_words(folding.parted(text)):
        signs = folding.signs(word) if folding.runs_on(word) else []
        found += ["".join(signs[at : at + 2]) for at in range(0, len(signs), 2)] or [
            word.casefold()
        ]
    return found


def _is_small_talk(sentence: str) -> bool:
    if folding.phrase(sentence) in _SMALL_TALK:
        return True
    return bool(_SMALL_TALK_BEGINS.match(sentence)) and not _FIRST_PERSON_UNSPACED.search(sentence)


def _drops_its_subject(sentence: str) -> bool:
    """Return whether a verb in the first person says what a pronoun would say in English."""
    spoken = language_of(sentence)
    words = _words(sentence)
    if spoken is None and len(words) > MIN_STATEMENT_WORDS:
        return any(_has_dropped_it(words, one) for one in (*_DROPPED["any"], *_DROPPED["ending"]))
    return spoken is not None and _has_dropped_it(words, spoken)


def _has_dropped_it(words: Sequence[str], spoken: str) -> bool:
    if spoken in _DROPPED["any"]:
        return any(map(_DROPPED["any"][spoken].fullmatch, words))
    if spoken not in _DROPPED["ending"]:
        return False
    ends = _DROPPED["ending"][spoken].fullmatch
    return any(
        ends(word) and before not in _NOT_AFTER[spoken] and word not in FUNCTION_WORDS[spoken]
        for before, word in zip(["", *words], words, strict=False)
    )
