"""
What may be used for one question: attributes and memories, past the gate, with what was withheld.

Reads the store and asks the gate; decides nothing itself and lays out no prompt.
"""

from collections.abc import Callable, Collection, Sequence
from dataclasses import dataclass
from typing import TypeVar

from homeward.gate import Moment, Rule, Withheld, forbidding_rule
from homeward.prompt import Quote, within_budget
from homeward.recall import Recall
from homeward_store import Attribute, ConsentRequired, Memory, MemoryId, Origin, SourceKind
from homeward_store.attributes import Attributes

T = TypeVar("T")

# Words of others are never put as the person's own: a document may hold orders.
_LEADS_OF_OTHERS = {
    Origin.DOCUMENT: "A document says",
    Origin.TOOL: "A tool printed",
    Origin.ASSISTANT: "You said",
}


@dataclass(frozen=True, slots=True)
class Known:
    """Attributes and memories (best first) for one question, and what the gate kept back."""

    attributes: tuple[Attribute, ...] = ()
    memories: tuple[Memory, ...] = ()
    withheld: tuple[Withheld, ...] = ()


class Knowledge:
    """What the assistant knows about one person."""

    def __init__(self, attributes: Attributes, recall: Recall, rules: Sequence[Rule]) -> None:
        self._attributes = attributes
        self._recall = recall
        self._rules = rules

    def about(
        self,
        question: str,
        *,
        moment: Moment,
        count: Callable[[str], int],
        exclude: Collection[MemoryId] = (),
    ) -> Known:
        """Return what may be used for `question` in `moment`; `count` counts tokens."""
        withheld: list[Withheld] = []
        attributes = [
            attribute
            for attribute in _permitted(self._attributes.all, SourceKind.ATTRIBUTE, withheld)
            if not self._forbidden(SourceKind.ATTRIBUTE, attribute, moment, withheld)
        ]
        memories = [
            recalled.memory
            for recalled in _permitted(
                lambda: self._recall.find(question, exclude=exclude), SourceKind.MEMORY, withheld
            )
            if not self._forbidden(SourceKind.MEMORY, recalled.memory, moment, withheld)
        ]
        quotes = [quote(memory) for memory in memories]
        fitting = within_budget(quotes, count=count, max_tokens=self._recall.profile.max_tokens)
        return Known(tuple(attributes), tuple(memories[: len(fitting)]), tuple(withheld))

    def _forbidden(
        self,
        kind: SourceKind,
        item: Attribute | Memory,
        moment: Moment,
        withheld: list[Withheld],
    ) -> bool:
        rule = forbidding_rule(item.tags, moment, self._rules)
        if rule is not None:
            withheld.append(Withheld(kind=kind.value, id=item.id, rule=rule.name))
        return rule is not None


def _permitted(read: Callable[[], list[T]], kind: SourceKind, withheld: list[Withheld]) -> list[T]:
    """Read what the person lets be used to answer; a withdrawn consent withholds all of a kind."""
    try:
        return read()
    except ConsentRequired as refused:
        withheld.append(Withheld(kind=kind.value, id=None, rule=str(refused)))
        return []


def quote(memory: Memory) -> Quote:
    """
    Return how `memory` is put to the model: as something said.

    Without its date: with dates SmolLM2-135M answers 7 of 12 questions, without 10 (docs/log.md).
    """
    if memory.origin is not Origin.PERSON:
        return Quote(lead=_LEADS_OF_OTHERS[memory.origin], text=memory.text)
    leads = {SourceKind.WRITING: "I wrote", SourceKind.CHOICE: "A reply that I liked"}
    return Quote(lead=leads.get(memory.source.kind, "I said"), text=memory.text)
