"""
Selects the attributes and memories that the gate admits for one question.

Reads the store and asks the gate; decides nothing itself and lays out no prompt.
"""

from collections.abc import Callable, Collection, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from typing import TypeVar

from homeward.conversation.back_reference import asks_again
from homeward.conversation.exchange import Exchange
from homeward.memory.recall import Preceding, Recall
from homeward.memory.recall.query import MONTHS
from homeward.model_traits import ModelTraits
from homeward.policy.admission import Gate
from homeward.policy.gate import UseContext
from homeward.policy.secrets import contains_secret
from homeward.prompting.prompt import Quote, shown, within_budget
from homeward.prompting.prompt_content import Pairs
from homeward.prompting.style_settings import STYLE
from homeward.taste.examples import Example
from homeward.text.local_time import local_time
from homeward_store import (
    Attribute,
    AttributeId,
    ConsentRequired,
    Memory,
    MemoryId,
    Origin,
    SourceKind,
    Used,
    Withheld,
)
from homeward_store.repositories.attributes import Attributes

T = TypeVar("T")

_ITEMS = (SourceKind.ATTRIBUTE, SourceKind.MEMORY)

# Words of others are never put as the person's own: a document may hold orders.
_LEADS_OF_OTHERS = {
    Origin.DOCUMENT: "A document says",
    Origin.TOOL: "A tool printed",
    Origin.ASSISTANT: "You said",
}
_LEADS = {SourceKind.WRITING: "I wrote", SourceKind.CHOICE: "A reply that I liked"}


@dataclass(frozen=True, slots=True)
class SelectedContext:
    """
    What may be used for one question, memories best first, and what the gate kept back.

    `attributes` stand in the prompt's prefix, the same for every question. `occasional` are those
    that a rule admits for some questions only: `quotes` has them after the memories. A setting of
    style is never one of them: quoted as a fact it would steer nothing.
    """

    attributes: tuple[Attribute, ...] = ()
    occasional: tuple[Attribute, ...] = ()
    memories: tuple[Memory, ...] = ()
    quotes: tuple[Quote, ...] = ()
    withheld: tuple[Withheld, ...] = ()

    @property
    def settings(self) -> Pairs:
        """The person's settings of style, which steer the model."""
        return tuple((one.key, shown(one.value)) for one in self.attributes if _steers(one))

    @property
    def facts(self) -> Pairs:
        """The other attributes of the prefix."""
        return tuple((one.key, shown(one.value)) for one in self.attributes if not _steers(one))


class ContextSelector:
    """What the assistant knows about one person."""

    def __init__(
        self,
        attributes: Attributes,
        recall: Recall,
        gate: Gate,
        *,
        traits: ModelTraits,
    ) -> None:
        self._attributes = attributes
        self._recall = recall
        self._gate = gate
        self.traits = traits  # of the model that reads it

    def about(
        self,
        question: str,
        *,
        use_context: UseContext,
        count: Callable[[str], int],
        after: Exchange | None = None,
        exclude: Collection[MemoryId] = (),
        including: Sequence[Memory] = (),
        recall: bool = True,
    ) -> SelectedContext:
        """
        Return what may be used for `question` in `use_context`; `count` counts tokens.

        `after`: the exchange that it refers back to: "And where does she live?" finds nothing by
        itself. `including` come before what is recalled, where the gate lets them
        pass. Without `recall` no memory is looked for.
        """
        admission = self._gate.asked(question, use_context)
        admits, withheld = admission.admits, admission.withheld
        attributes = _permitted(
            lambda: list(filter(admits, self._attributes.all())), SourceKind.ATTRIBUTE, withheld
        )
        found = _permitted(
            lambda: self._find(question, after, exclude, admits) if recall else [],
            SourceKind.MEMORY,
            withheld,
        )
        first = list(filter(admits, including))
        memories = [*first, *(one for one in found if one not in first)]
        occasional = [
            one for one in attributes if admission.is_occasional(one) and not _steers(one)
        ]
        quotes = [
            *(quote(one, dated=self.traits.dates) for one in memories),
            *map(attribute_quote, occasional),
        ]
        fitting = within_budget(quotes, count=count, max_tokens=self.traits.quote_tokens)
        return SelectedContext(
            attributes=tuple(one for one in attributes if one not in occasional),
            occasional=tuple(occasional[: max(0, len(fitting) - len(memories))]),
            memories=tuple(memories[: len(fitting)]),
            quotes=tuple(fitting),
            withheld=tuple(dict.fromkeys(withheld)),
        )

    def _find(
        self,
        question: str,
        after: Exchange | None,
        exclude: Collection[MemoryId],
        admits: Callable[[Memory], bool],
    ) -> list[Memory]:
        """Return the memories to quote, best first."""
        preceding = None if after is None else self._preceding(after, admits)
        if preceding is not None and asks_again(question):  # what was told is what is wanted
            preceding = replace(preceding, told=None)
        found = self._recall.find(
            question,
            limit=self.traits.quotes,
            after=preceding,
            exclude=exclude,
            admits=admits,
        )
        return [one.memory for one in found]

    def _preceding(self, exchange: Exchange, admits: Callable[[Memory], bool]) -> Preceding:
        """
        Return what to look for besides a question that refers back to `exchange`.

        The memory which that was told from names things better than a small model's reply does.
        """
        told = self._recall.get([] if exchange.told is None else [exchange.told])
        if told and admits(told[0]):
            return Preceding(told[0].text, told[0].id)
        return Preceding(exchange.asked)

    def lets_pass(self, exchange: Exchange, question: str, *, use_context: UseContext) -> bool:
        """Return whether all that an earlier exchange says and stood on may serve `question`."""
        try:
            items = [self._item(one) for one in exchange.stood_on if one.kind in _ITEMS]
        except ConsentRequired:
            return False
        there = [item for item in items if item is not None]
        admission = self._gate.asked(question, use_context)
        return len(there) == len(items) and admission.admits_text(exchange.text, built_on=there)

    def _item(self, used: Used) -> Attribute | Memory | None:
        if used.kind is SourceKind.ATTRIBUTE:
            return self._attributes.by_id(AttributeId(used.id))
        return next(iter(self._recall.get([MemoryId(used.id)])), None)

    def may_show(self, example: Example, use_context: UseContext) -> bool:
        """Return whether `example` may stand before a conversation, whatever is asked in it."""
        text, admission = (
            f"{example.asked}\n{example.replied}",
            self._gate.whatever_is_asked(use_context),
        )
        return not contains_secret(text) and admission.admits_text(text, built_on=example.memories)


def _steers(attribute: Attribute) -> bool:
    # What a document or a tool said is quoted as a fact; only the person gives orders.
    return attribute.key.startswith(STYLE) and attribute.origin is Origin.PERSON


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


def _date(time: datetime) -> str:
    time = local_time(time)
    return f"{time.day} {MONTHS[time.month - 1].capitalize()} {time.year}"


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
