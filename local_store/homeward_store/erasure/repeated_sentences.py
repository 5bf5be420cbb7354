"""
Finds other records that contain the same words as a forgotten memory.

A sentence that is said twice makes one memory. Forgetting it has to find the other place, too: an
earlier question, a note, a letter, a reply that repeats it. Reads rows; changes nothing.
"""

import re
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field

from homeward_store.database.database import Database
from homeward_store.erasure.record_texts import texts
from homeward_store.records import SourceKind
from homeward_store.words import folding
from homeward_store.words.forms import pairs
from homeward_store.words.sentences import ENDS

_KEY = 3  # words by which a sentence is looked for
_SENTENCE = re.compile(rf"[^\n{ENDS}]+")
_TELLING = 12  # letters from which fewer words than that tell enough to be found in a longer text


@dataclass(frozen=True, slots=True)
class Places:
    """The records that say it, and where a writing does."""

    ids: Mapping[SourceKind, set[int]]
    replies: set[int] = field(default_factory=set)  # turns of which only the reply says it
    spans: set[tuple[int, int, int]] = field(default_factory=set)  # writing, start, end
    titles: set[int] = field(default_factory=set)  # writings whose title says it


class Sayings:
    """Sentences that are looked for together, in one pass over a text."""

    def __init__(self, sentences: Iterable[str]) -> None:
        phrases = {phrase for one in sentences if (phrase := folding.phrase(one))}
        # "Yes." is no sentence to be found within others: only where it is all that was said.
        short = {one for one in phrases if len(one.split()) < _KEY and len(one) < _TELLING + 2}
        self._whole, self._unspaced = (
            short,
            {one for one in phrases - short if folding.runs_on(one)},
        )
        self._by_key: dict[tuple[str, ...], list[str]] = {}
        for phrase in phrases - short - self._unspaced:
            self._by_key.setdefault(tuple(phrase.split()[:_KEY]), []).append(phrase)
        self._lengths = {len(key) for key in self._by_key}
        # By each run of words within: a shorter text was not remembered, because a longer one is.
        self._around: dict[tuple[str, ...], list[str]] = {}
        for phrase in phrases:
            for key in _keys(phrase):
                self._around.setdefault(key, []).append(phrase)

    def __bool__(self) -> bool:
        return bool(self._whole or self._unspaced or self._by_key)

    def said_in(self, text: str) -> set[str]:
        """Return those phrases that `text` says."""
        phrase = folding.phrase(text)
        words = phrase.split()
        keys = {
            tuple(words[start : start + length])
            for length in self._lengths
            for start in range(len(words))
        }
        near = (one for key in keys & self._by_key.keys() for one in self._by_key[key])
        found = {one for one in near if one in phrase}
        found |= {one for one in self._unspaced if one.strip() in phrase}
        found |= {phrase} & self._whole
        parts = self._parts_of(text)
        return found | {part for part in parts if not any(part in one for one in found)}

    def _parts_of(self, text: str) -> set[str]:
        """Return the sentences of `text` that stand within what is looked for."""
        parts = {folding.phrase(one) for one in _SENTENCE.findall(text)}
        return {
            part
            for part in parts
            for key in _keys(part)[:1]
            if any(part in one for one in self._around.get(key, ()))
        }


def said_again(database: Database, sentences: Iterable[str]) -> Places:
    """Return every place where one of `sentences` is said, those they come from included."""
    found = Places({kind: set() for kind in SourceKind})
    if sayings := Sayings(sentences):
        for kind in SourceKind:
            for number, parts in texts(database, kind):
                _look(sayings, kind, number, parts, found)
    return found


def _look(
    sayings: Sayings, kind: SourceKind, number: int, parts: Mapping[str, str], found: Places
) -> None:
    said = {name: phrases for name, text in parts.items() if (phrases := sayings.said_in(text))}
    if kind is SourceKind.TURN and said.keys() == {"replied"}:
        found.replies.add(number)
    elif kind is SourceKind.WRITING:
        spans = _spans(parts["text"], said.get("text", ()))
        found.spans.update((number, start, end) for start, end in spans)
        found.titles.update({number} if "title" in said else ())
    elif said:
        found.ids[kind].add(number)


def _runs(words: list[str]) -> Iterator[tuple[str, ...]]:
    return (tuple(words[at : at + _KEY]) for at in range(len(words) - _KEY + 1))


def _keys(phrase: str) -> list[tuple[str, ...]]:
    """Return the runs by which a phrase is found in a longer one, or a shorter one in it."""
    words = [one for word in phrase.split() for one in _words(word)]
    return list(_runs(words))


def _words(word: str) -> list[str]:
    return pairs(folding.signs(word)) if folding.runs_on(word) else [word]


def _spans(text: str, phrases: Iterable[str]) -> Iterator[tuple[int, int]]:
    for phrase in phrases:
        yield from folding.places(text, phrase)
