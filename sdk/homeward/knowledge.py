"""
What may be used for one question: attributes and memories, past the gate, with what was withheld.

Reads the store and asks the gate; decides nothing itself and lays out no prompt.
"""

from collections.abc import Callable, Collection, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import TypeVar

from homeward.admission import Gate
from homeward.gate import Moment
from homeward.prompt import Quote, shown, within_budget
from homeward.recall import Recall
from homeward.recall.question import MONTHS
from homeward.refusing import holds_secret
from homeward.taste.showing import Example
from homeward_store import (
    Attribute,
    ConsentRequired,
    Memory,
    MemoryId,
    Origin,
    SourceKind,
    Withheld,
)
from homeward_store.attributes import Attributes

T = TypeVar("T")

# Words of others are never put as the person's own: a document may hold orders.
_LEADS_OF_OTHERS = {
    Origin.DOCUMENT: "A document says",
    Origin.TOOL: "A tool printed",
    Origin.ASSISTANT: "You said",
}
_LEADS = {SourceKind.WRITING: "I wrote", SourceKind.CHOICE: "A reply that I liked"}


@dataclass(frozen=True, slots=True)
class Known:
    """
    What may be used for one question, memories best first, and what the gate kept back.

    `attributes` stand in the prompt's prefix, the same for every question. `occasional` are those
    that a rule admits for some questions only: `quotes` has them after the memories.
    """

    attributes: tuple[Attribute, ...] = ()
    occasional: tuple[Attribute, ...] = ()
    memories: tuple[Memory, ...] = ()
    quotes: tuple[Quote, ...] = ()
    withheld: tuple[Withheld, ...] = ()


class Knowledge:
    """What the assistant knows about one person."""

    def __init__(
        self,
        attributes: Attributes,
        recall: Recall,
        gate: Gate,
        *,
        dated: bool = False,
    ) -> None:
        self._attributes = attributes
        self._recall = recall
        self._gate = gate
        self._dated = dated  # memories are put with their dates

    def about(
        self,
        question: str,
        *,
        moment: Moment,
        count: Callable[[str], int],
        exclude: Collection[MemoryId] = (),
        including: Sequence[Memory] = (),
    ) -> Known:
        """
        Return what may be used for `question` in `moment`; `count` counts tokens.

        `including` come before what is recalled, where the gate lets them pass.
        """
        admission = self._gate.asked(question, moment)
        admits, withheld = admission.admits, admission.withheld
        attributes = _permitted(
            lambda: list(filter(admits, self._attributes.all())), SourceKind.ATTRIBUTE, withheld
        )
        found = _permitted(
            lambda: self._recall.find(question, exclude=exclude, admits=admits),
            SourceKind.MEMORY,
            withheld,
        )
        first = list(filter(admits, including))
        memories = [*first, *(one.memory for one in found if one.memory not in first)]
        occasional = list(filter(admission.is_occasional, attributes))
        quotes = [
            *(quote(one, dated=self._dated) for one in memories),
            *map(attribute_quote, occasional),
        ]
        fitting = within_budget(quotes, count=count, max_tokens=self._recall.profile.max_tokens)
        return Known(
            attributes=tuple(one for one in attributes if one not in occasional),
            occasional=tuple(occasional[: max(0, len(fitting) - len(memories))]),
            memories=tuple(memories[: len(fitting)]),
            quotes=tuple(fitting),
            withheld=tuple(withheld),
        )

    def may_show(self, example: Example, moment: Moment) -> bool:
        """Return whether `example` may stand before a conversation, whatever is asked in it."""
        text, admission = (
            f"{example.asked}\n{example.replied}",
            self._gate.whatever_is_asked(moment),
        )
        return not holds_secret(text) and admission.admits_text(text, built_on=example.memories)


def _permitted(read: Callable[[], list[T]], kind: SourceKind, withheld: list[Withheld]) -> list[T]:
    """Read what the person lets be used to answer; a withdrawn consent withholds all of a kind."""
    try:
        return read()
    except ConsentRequired as refused:
        withheld.append(Withheld(kind, None, str(refused)))
        return []


def quote(memory: Memory, *, dated: bool = False) -> Quote:
    """Return how `memory` is put to the model: as something said, and when where that is wanted."""
    if memory.origin is not Origin.PERSON:
        lead = _LEADS_OF_OTHERS[memory.origin]
    else:
        lead = _LEADS.get(memory.source.kind, "I said")
    if dated:
        lead += f" on {_date(memory.said_at)}"
        if memory.valid_until is not None:
            lead += f" (true until {_date(memory.valid_until)})"
    elif memory.superseded_by is not None:
        lead += " earlier"
    return Quote(lead=lead, text=memory.text)


def _date(moment: datetime) -> str:
    return f"{moment.day} {MONTHS[moment.month - 1].capitalize()} {moment.year}"


def attribute_quote(attribute: Attribute) -> Quote:
    """
    Return how an attribute is put to the model beside a question: as a sentence.

    SmolLM2-135M answers 4 of 7 questions from such sentences, 2 from "key: value" (docs/log.md).
    """
    value = shown(attribute.value)
    if attribute.origin is Origin.PERSON:
        return Quote(lead="I said", text=f"My {attribute.key} is {value}.")
    lead = _LEADS_OF_OTHERS[attribute.origin]
    return Quote(lead, f"The user's {attribute.key} is {value}.")
