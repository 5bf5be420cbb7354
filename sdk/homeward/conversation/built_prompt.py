"""A built prompt carries its sources, so that its reply can name them."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace

from homeward.conversation.context import SelectedContext
from homeward.conversation.exchange import Exchange
from homeward.conversation.sources import Sources
from homeward.prompting.prompt_builder import Prompt
from homeward.prompting.prompt_content import PromptContent
from homeward.taste.examples import Example
from homeward_store import LearnedUse, Memory, Source, SourceKind, Turn, Used


@dataclass(frozen=True, slots=True)
class BuiltPrompt:
    """The prompt of one question, and what it was built of."""

    content: PromptContent
    prompt: Prompt
    known: SelectedContext
    examples: tuple[Example, ...] = ()
    past: tuple[Exchange, ...] = ()  # earlier exchanges that stand in the prompt
    # Learned states that shaped it, each with what it was learned from.
    learned: Mapping[LearnedUse, Sequence[Source]] = field(default_factory=dict)
    printed: tuple[Memory, ...] = ()  # what was kept of the results of tools in it
    through: Sources | None = None  # what the replies of `past` were built on
    alone: "BuiltPrompt | None" = (
        None  # the same without the past, should the reply only repeat that
    )

    @property
    def sources(self) -> Sources:
        """What the reply may say that it used."""
        known = self.known
        attributes = (*known.attributes, *known.occasional)
        shown = tuple(example.choice for example in self.examples)
        return Sources(
            attributes=attributes,
            memories=(*known.memories, *self.printed),
            withheld=known.withheld,
            examples=shown,
            images=tuple(image.name for image in self.content.images),
            learned=tuple(self.learned),
            turns=self.turns,
            through=self.through,
        )

    @property
    def used(self) -> list[Used]:
        """What the turn goes with when it is forgotten."""
        known = self.known
        return [
            *(Used(SourceKind.ATTRIBUTE, one.id) for one in (*known.attributes, *known.occasional)),
            *(Used(SourceKind.MEMORY, one.id) for one in (*known.memories, *self.printed)),
            *(Used(SourceKind.CHOICE, one.choice.id) for one in self.examples),
            *(Used(SourceKind.TURN, one.id) for one in self.turns),
        ]

    @property
    def turns(self) -> tuple[Turn, ...]:
        """Earlier exchanges that stand in the prompt, as far as they are recorded."""
        return tuple(one.turn for one in self.past if one.turn is not None)

    def answered(self, exchange: Exchange, replied: str) -> Exchange:
        """Return `exchange` with the reply to this prompt, and all that it stands on."""
        return replace(
            exchange,
            replied=replied,
            stood_on=frozenset(self.used).union(*(one.stood_on for one in self.past)),
            heard=tuple(one.text for one in self.past),
            told=next((one.id for one in self.known.memories), None),
            personal=bool(self.used or self.learned or any(one.personal for one in self.past)),
        )

    @property
    def of_prefix(self) -> list[tuple[SourceKind, int]]:
        """What the prefix's snapshot goes with."""
        return [
            *((SourceKind.ATTRIBUTE, int(one.id)) for one in self.known.attributes),
            *((SourceKind.CHOICE, int(one.choice.id)) for one in self.examples),
        ]
