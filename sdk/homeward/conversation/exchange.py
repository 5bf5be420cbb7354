"""An exchange is one question and reply, with what the reply was built on."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace

from homeward.prompting.images import Image
from homeward.prompting.prompt_content import PastTurn
from homeward_store import MemoryId, SourceKind, Turn, TurnId, Used
from homeward_store.records import UseContext
from homeward_store.repositories.turns import Turns
from homeward_store.words import folding

_TELLING = 5  # words of a reply that another turn does not have by chance


@dataclass(frozen=True, slots=True)
class Exchange:
    """
    A question and its reply, as they were said: without what was quoted for them.

    `stood_on`: all that the reply was built on, also through replies that it had before its eyes;
    `heard`: what was said in those; `told`: the best memory that was quoted for it. `personal`: it
    was built on something of the person, be it only a learned style. `elsewhere`: it was said in
    another conversation, and is only shown in this.
    """

    asked: str
    replied: str = ""  # empty: it is not answered
    images: tuple[Image, ...] = ()  # that came with the question
    turn: Turn | None = None  # None: it is recorded nowhere
    stood_on: frozenset[Used] = frozenset()
    heard: tuple[str, ...] = ()
    told: MemoryId | None = None
    personal: bool = False
    elsewhere: bool = False

    @property
    def said(self) -> PastTurn:
        """What a later question sees of it."""
        return PastTurn(self.asked, self.replied, self.images)

    @property
    def text(self) -> str:
        """All that is said in it, and all that it may repeat."""
        return "\n".join([*self.heard, self.asked, self.replied])


def recorded(
    turn: Turn, images: tuple[Image, ...], *, get: Callable[[TurnId], Turn | None]
) -> Exchange:
    """Return an exchange as the store has it; `get` reads the turns that it was built on."""
    through = _through(turn, get)
    return Exchange(
        turn.asked,
        turn.replied,
        images,
        turn,
        stood_on=frozenset(used for one in (turn, *through) for used in one.used),
        heard=tuple(f"{one.asked}\n{one.replied}" for one in through),
        told=next((MemoryId(one.id) for one in turn.used if one.kind is SourceKind.MEMORY), None),
        personal=any(one.used or one.learned for one in (turn, *through)),
    )


def turns_that_said(turns: Turns, asked: str, replied: str) -> list[Turn]:
    """
    Return the turns that gave a reply which comes back from an app, oldest first.

    Apps put words of their own around a question, so a telling reply is known by itself.
    """
    if not replied.strip():
        return []
    said = turns.replied_with(replied, asked=asked)
    return said or (turns.replied_with(replied) if folding.word_count(replied) >= _TELLING else [])


def _through(turn: Turn, get: Callable[[TurnId], Turn | None]) -> Sequence[Turn]:
    """Return the turns that this one was built on, and those that they were built on."""
    found: dict[int, Turn] = {}
    waiting = [turn]
    while waiting:
        for used in waiting.pop().used:
            if used.kind is SourceKind.TURN and used.id not in found:
                earlier = get(TurnId(used.id))
                if earlier is not None:
                    found[used.id] = earlier
                    waiting.append(earlier)
    return list(found.values())


def brought(
    past: Sequence[tuple[str, str]],
    turns: Turns,
    use_context: UseContext,
    *,
    admits: Callable[[str], bool],
) -> list[Exchange]:
    """
    Return the exchanges that an app brings along, with their records if they are ours.

    Those said in another use context are left out, and those whose words the rules deny. An
    exchange without a record, as after an edit of one word, may stand on anything: it is shown only
    to the person alone.
    """
    found = (_brought(*one, turns, use_context, admits) for one in past)
    return [one for one in found if one is not None]


def _brought(
    asked: str,
    replied: str,
    turns: Turns,
    use_context: UseContext,
    admits: Callable[[str], bool],
) -> Exchange | None:
    said = turns_that_said(turns, asked, replied)
    here = [turn for turn in said if turn.use_context == use_context]
    may_be_anyones = not said and use_context == UseContext()
    if not (here or may_be_anyones) or not admits(f"{asked}\n{replied}"):
        return None
    known = recorded(here[-1], (), get=turns.get) if here else Exchange(asked, replied)
    return replace(known, elsewhere=True)
