"""Sources name what one reply was built on and what was withheld from it."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from homeward_store import (
    Attribute,
    AttributeId,
    Choice,
    ChoiceId,
    LearnedKind,
    LearnedUse,
    Memory,
    MemoryId,
    Pick,
    Profile,
    SourceKind,
    Turn,
    TurnId,
    Used,
    Withheld,
)

_NAMES = {LearnedKind.STYLE: "learned style", LearnedKind.TASTE: "learned taste"}
_COUNTED = {
    SourceKind.ATTRIBUTE: ("attribute", "attributes"),
    SourceKind.TURN: ("message", "messages"),
    SourceKind.WRITING: ("writing", "writings"),
    SourceKind.CHOICE: ("choice", "choices"),
    SourceKind.NOTE: ("note", "notes"),
    SourceKind.MEMORY: ("memory", "memories"),
}


@dataclass(frozen=True, slots=True)
class Sources:
    """
    The sources of a reply's prompt, and what the gate withheld from it.

    `examples`: choices whose replies the model was shown. `images`: those that came with the
    question, by the names of their files. `learned`: the learned states that it was made with, the
    pick among drafts with the first piece. `turns`: earlier exchanges that it had before its eyes;
    `through`: what their replies were built on, and those before them, that is not named already.
    """

    attributes: tuple[Attribute, ...] = ()
    memories: tuple[Memory, ...] = ()
    withheld: tuple[Withheld, ...] = ()
    examples: tuple[Choice, ...] = ()
    images: tuple[str, ...] = ()
    learned: tuple[LearnedUse, ...] = ()
    turns: tuple[Turn, ...] = ()
    through: "Sources | None" = None

    @property
    def taste(self) -> Pick | None:
        """What taste made of the drafts, where there were any."""
        return next((one.pick for one in self.learned if one.pick is not None), None)


def sources_of(profile: Profile, turn: TurnId) -> Sources:
    """Return the sources of a turn's reply, as far as they still exist, and what was withheld."""
    record = profile.turns.get(turn)
    if record is None:
        return Sources()
    turns = _turns(profile, record.used)
    return Sources(
        attributes=_attributes(profile, record.used),
        memories=_memories(profile, record.used),
        withheld=record.withheld,
        examples=_choices(profile, record.used),
        images=record.attached,
        learned=record.learned,
        turns=turns,
        through=through(profile, turns, but=record.used),
    )


def through(profile: Profile, turns: Sequence[Turn], *, but: Sequence[Used]) -> Sources | None:
    """Return what the replies of `turns` were built on, to the end of every chain, each once."""
    before = {turn.id: turn for turn in turns}
    waiting = list(turns)
    while waiting:
        for earlier in _turns(profile, waiting.pop().used):
            if earlier.id not in before:
                before[earlier.id] = earlier
                waiting.append(earlier)
    used = [one for one in dict.fromkeys(_used(before.values())) if one not in set(but)]
    learned = dict.fromkeys(one for turn in before.values() for one in turn.learned)
    images = dict.fromkeys(name for turn in before.values() for name in turn.attached)
    found = Sources(
        attributes=_attributes(profile, used),
        memories=_memories(profile, used),
        examples=_choices(profile, used),
        images=tuple(images),
        learned=tuple(learned),
        turns=_turns(profile, used),
    )
    return None if found == Sources() else found


def in_words(use: LearnedUse) -> str:
    """Return what learned state did for a reply, of how much it was learned, and if it is gone."""
    state = _state_in_words(use)
    return state if use.pick is None else f"{_picked(use.pick)} ({state})"


def _state_in_words(use: LearnedUse) -> str:
    counts = [f"{number} {_COUNTED[kind][number != 1]}" for kind, number in use.counts]
    says = _NAMES[use.kind] + (f", of {' and '.join(counts)}" if counts else "")
    if use.prior:
        says += f", started from the published prior ({use.prior})"
    if use.sha256 is None:
        says += "; erased since, because a text that it was trained on was forgotten"
    return says


def _picked(pick: Pick) -> str:
    if pick.index == 0:
        return f"the first of {pick.of} drafts: none was clearly better"
    return (
        f"draft {pick.index + 1} of {pick.of}, {pick.probability:.0%} sure that you prefer it to"
        " the first"
    )


def _used(turns: Iterable[Turn]) -> list[Used]:
    return [one for turn in turns for one in turn.used]


def _ids(used: Sequence[Used], kind: SourceKind) -> list[int]:
    return [one.id for one in used if one.kind is kind]


def _attributes(profile: Profile, used: Sequence[Used]) -> tuple[Attribute, ...]:
    numbers = map(AttributeId, _ids(used, SourceKind.ATTRIBUTE))
    return tuple(filter(None, map(profile.attributes.by_id, numbers)))


def _memories(profile: Profile, used: Sequence[Used]) -> tuple[Memory, ...]:
    return tuple(profile.memories.get(list(map(MemoryId, _ids(used, SourceKind.MEMORY)))))


def _choices(profile: Profile, used: Sequence[Used]) -> tuple[Choice, ...]:
    numbers = map(ChoiceId, _ids(used, SourceKind.CHOICE))
    return tuple(filter(None, map(profile.choices.get, numbers)))


def _turns(profile: Profile, used: Sequence[Used]) -> tuple[Turn, ...]:
    numbers = map(TurnId, _ids(used, SourceKind.TURN))
    return tuple(filter(None, map(profile.turns.get, numbers)))
