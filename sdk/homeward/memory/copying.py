"""
Finds words that a text copies from documents, tools and models.

Who pastes or repeats others' words does not make them theirs, whatever they typed around them.
Reads the store.
"""

from collections.abc import Iterable, Sequence

from homeward.text.spans import sentences
from homeward.text.telling import in_first_person
from homeward.text.wording import Said, said
from homeward_store import Hit, Memory, Origin, Scope, SourceKind
from homeward_store.repositories.memories import Memories
from homeward_store.words import folding

_RUN = 5  # words in a row that two texts share by copying rather than by chance
_LEAST_RUN = 3  # of a text that is shorter than that
_LONG_RUN = 8  # words that nobody says in a row by chance, be it of themselves
_SHARE = 0.6  # of a sentence's words, from which it is another's sentence
_LIKELY = 200  # memories with the most words in common that are looked through
_LEAST_TRUSTED = (Origin.TOOL, Origin.DOCUMENT, Origin.ASSISTANT)
_OF_OTHERS = Scope(origins=_LEAST_TRUSTED)


def weakest(origins: Iterable[Origin]) -> Origin:
    """Return the least trusted of `origins`; the person, where there is none."""
    found = set(origins)
    return next((one for one in _LEAST_TRUSTED if one in found), Origin.PERSON)


def repeated(memories: Memories, text: str) -> list[Memory]:
    """Return the memories of others' words that a reply shares a run of words with."""
    words = _words(text)
    found = _of_others(memories, likely(memories, text))
    return [one for one in found if _share_a_run(words, one)]


def likely(memories: Memories, text: str) -> list[Hit]:
    """Return the memories with the most words in common, best first; whoever's they are."""
    return memories.match(text, limit=_LIKELY)


def pasted(memories: Memories, text: str, *, among: Sequence[Hit] | None = None) -> list[Memory]:
    """
    Return the memories of others' words that a text of the person copies a sentence of.

    What they say of themselves is theirs, even where a document says the same: it must not be able
    to take their word. Only a long run makes that a copy. `among`: what `likely` found, if it was
    asked already.
    """
    found = likely(memories, text) if among is None else among
    own = [text[one.start : one.end] for one in sentences(text)]
    telling = [(words, in_first_person(one)) for one in own if len(words := _words(one)) >= 1]
    return [
        memory
        for memory in _of_others(memories, found)
        if _is_anothers(memory)
        and any(
            _copies(words, _words(memory.text), in_first_person=first) for words, first in telling
        )
    ]


def _is_anothers(memory: Memory) -> bool:
    """Return whether it was not read out of the person's own message, as a derived fact was."""
    return memory.origin is not Origin.ASSISTANT or memory.source.kind is not SourceKind.TURN


def _copies(words: Said, other: Said, *, in_first_person: bool) -> bool:
    scale = _signs_a_word(words)
    length = scale * _LONG_RUN if in_first_person else min(scale * _RUN, len(words))
    if length < scale * _LEAST_RUN:
        return False
    shared = _runs(other, length)
    starts = [at for at in range(len(words) - length + 1) if words[at : at + length] in shared]
    covered = {at + step for at in starts for step in range(length)}
    return bool(starts) and (
        in_first_person or len(covered) >= scale * _LONG_RUN or len(covered) >= _SHARE * len(words)
    )


def _share_a_run(words: Said, memory: Memory) -> bool:
    other = _words(memory.text)
    scale = _signs_a_word(words)
    length = min(scale * _RUN, len(words), len(other))
    return length >= scale * _LEAST_RUN and not _runs(words, length).isdisjoint(
        _runs(other, length)
    )


def _of_others(memories: Memories, hits: Sequence[Hit]) -> list[Memory]:
    return memories.get([hit.memory for hit in hits], scope=_OF_OTHERS)


def _words(text: str) -> Said:
    """Return the words of `text`; of what no spaces part, the signs."""
    words = (word for word in said(folding.parted(text)) if any(map(str.isalnum, word)))
    return tuple(one for word in words for one in _parts(word.casefold()))


def _parts(word: str) -> list[str]:
    return folding.signs(word) if folding.runs_on(word) else [word]


def _signs_a_word(words: Said) -> int:
    """Return how many of `words` are as telling as one: two, where most of them are signs."""
    return 2 if 2 * sum(map(folding.runs_on, words)) > len(words) else 1


def _runs(words: Said, length: int) -> set[Said]:
    return {words[at : at + length] for at in range(len(words) - length + 1)}
