"""
Determines whose words a chosen reply is made of, and which tags they carry.

A choice says that the person likes a reply. It does not make a document's words theirs: what the
reply was built on is followed through the exchanges before it, and words that it copies are found
whoever typed them. Reads the store.
"""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass

from homeward.conversation.exchange import turns_that_said
from homeward.importing.items import OTHER_ASSISTANTS
from homeward.text.wording import Said, said
from homeward_store import (
    Attribute,
    AttributeId,
    Choice,
    ChoiceId,
    Memory,
    MemoryId,
    Origin,
    Profile,
    SourceKind,
    Turn,
    TurnId,
    Used,
)

_LEAST_TRUSTED = (Origin.TOOL, Origin.DOCUMENT, Origin.ASSISTANT)
_RUN = 5  # words in a row that two texts share by copying rather than by chance
_LEAST_RUN = 3  # of a text that is shorter than that
_LIKELY = 200  # memories with the most words in common that are looked through


@dataclass(frozen=True, slots=True)
class Standing:
    """Whose words something is made of, the least trusted of them, and what they are tagged."""

    origin: Origin
    tags: frozenset[str] = frozenset()


def standing_of(profile: Profile, *texts: str, turn: TurnId | None) -> Standing:
    """
    Return what `texts` stand on: a reply of `turn`, or a version of it, and what it was set beside.

    Of a turn that was imported, only another assistant knows what it was built on.
    """
    found = [*_built_on(profile, turn), *_copied(profile, texts)]
    origins = {origin for origin, _ in found}
    weakest = next((one for one in _LEAST_TRUSTED if one in origins), Origin.PERSON)
    return Standing(weakest, frozenset(tag for _, tags in found for tag in tags))


def turn_of(profile: Profile, prompt: str, *replies: str) -> TurnId | None:
    """Return the turn that said one of `replies`, where nobody names it; the newest of several."""
    found = (turns_that_said(profile.turns, prompt, reply) for reply in replies)
    return next((turns[-1].id for turns in found if turns), None)


_Part = tuple[Origin, tuple[str, ...]]


def _built_on(profile: Profile, turn: TurnId | None) -> Iterator[_Part]:
    """Yield what the reply of `turn` was built on, through all the turns before it."""
    seen, waiting = set[int](), [] if turn is None else [turn]
    while waiting:
        number = waiting.pop()
        record = None if number in seen else profile.turns.get(number)
        seen.add(number)
        if record is None:
            continue
        yield from _brought(record)
        for used in record.used:
            if used.kind is SourceKind.TURN:
                waiting.append(TurnId(used.id))
            elif (item := _item(profile, used)) is not None:
                yield item.origin, () if isinstance(item, Choice) else item.tags


def _brought(turn: Turn) -> Iterator[_Part]:
    if turn.attached:
        yield Origin.DOCUMENT, ()  # an image may hold words
    if turn.model in OTHER_ASSISTANTS:
        yield Origin.ASSISTANT, ()


def _item(profile: Profile, used: Used) -> Attribute | Memory | Choice | None:
    match used.kind:
        case SourceKind.ATTRIBUTE:
            return profile.attributes.by_id(AttributeId(used.id))
        case SourceKind.CHOICE:
            return profile.choices.get(ChoiceId(used.id))
        case _:
            return next(iter(profile.memories.get([MemoryId(used.id)])), None)


def _copied(profile: Profile, texts: Iterable[str]) -> Iterator[_Part]:
    """Yield the memories of others' words that a text shares a run of words with."""
    for text in texts:
        words = said(text)
        hits = profile.memories.match(text, limit=_LIKELY)
        for memory in profile.memories.get([hit.memory for hit in hits]):
            if memory.origin is not Origin.PERSON and _share_a_run(words, said(memory.text)):
                yield memory.origin, memory.tags


def _share_a_run(one: Said, other: Said) -> bool:
    length = min(_RUN, len(one), len(other))
    return length >= _LEAST_RUN and not _runs(one, length).isdisjoint(_runs(other, length))


def _runs(words: Said, length: int) -> set[Said]:
    return {words[at : at + length] for at in range(len(words) - length + 1)}
