"""
Determines whose words a reply is made of that the person chose or gave back, and their tags.

A choice says that the person likes a reply, a note that it is to be remembered. Neither makes a
document's words theirs: what the reply was built on is followed through the exchanges before it,
and words that it copies are found whoever typed them. Reads the store.
"""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass

from homeward.conversation.exchange import turns_that_said
from homeward.importing.items import OTHER_ASSISTANTS
from homeward.memory.copying import repeated, weakest
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
    origin = weakest(origin for origin, _ in found)
    return Standing(origin, frozenset(tag for _, tags in found for tag in tags))


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
    for text in texts:
        for memory in repeated(profile.memories, text):
            yield memory.origin, memory.tags
