"""What stands in a prompt, in words: values that say it before a token of it is laid out. Pure."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace

from homeward.ports import SoftPrompt
from homeward.prompting.images import Image
from homeward.prompting.prompt import SYSTEM_TEXT, Quote, system_text
from homeward.prompting.style_settings import LANGUAGE, style_instructions
from homeward.prompting.tool_calls import Round

Pairs = tuple[tuple[str, str], ...]  # keys and values
Change = Callable[[str], str]


@dataclass(frozen=True, slots=True)
class PastTurn:
    """A question and its reply, with the images that came with the question."""

    asked: str
    replied: str
    images: tuple[Image, ...] = ()

    def changed(self, change: Change) -> "PastTurn":
        """Return this exchange with its texts passed through `change`."""
        return replace(self, asked=change(self.asked), replied=change(self.replied))


@dataclass(frozen=True, slots=True)
class PrefixContent:
    """
    What stands before every question of a conversation, and stays the same from one to the next.

    `settings` are the person's settings of style, which steer; `facts` are other attributes.
    """

    system: str = SYSTEM_TEXT  # the app's own words
    settings: Pairs = ()
    facts: Pairs = ()
    soft_prompt: SoftPrompt | None = None
    examples: tuple[PastTurn, ...] = ()

    @property
    def text(self) -> str:
        """The system message: the app's words, the settings as instructions, then the facts."""
        orders = style_instructions(self.settings, learned=self.soft_prompt is not None)
        return system_text(self.facts, system=f"{self.system} {orders}".rstrip())

    def changed(self, change: Change) -> "PrefixContent":
        """
        Return this prefix with what is told of the person passed through `change`.

        The language of the replies stays: it says how to answer, and in another one every reply
        would be another one.
        """
        return replace(
            self,
            settings=tuple(
                (key, value if key == LANGUAGE else change(value)) for key, value in self.settings
            ),
            facts=tuple((key, change(value)) for key, value in self.facts),
            examples=tuple(one.changed(change) for one in self.examples),
        )


@dataclass(frozen=True, slots=True)
class PromptContent:
    """All that stands in the prompt of one question; `quotes` are memories, best first."""

    question: str
    prefix: PrefixContent = PrefixContent()
    quotes: tuple[Quote, ...] = ()
    images: tuple[Image, ...] = ()  # shown before the question
    past: tuple[PastTurn, ...] = ()  # oldest first
    rounds: tuple[Round, ...] = ()  # tools that were called for the question, after it

    def changed(self, change: Change) -> "PromptContent":
        """Return this prompt with what is told of the person passed through `change`."""
        return replace(
            self,
            prefix=self.prefix.changed(change),
            quotes=tuple(replace(one, text=change(one.text)) for one in self.quotes),
        )

    @property
    def told(self) -> Iterator[str]:
        """The texts that tell the model of the person: all that `changed` passes on."""
        if self.prefix.soft_prompt is None:  # else they give way to it
            yield from (value for key, value in self.prefix.settings if key != LANGUAGE)
        yield from (value for _, value in self.prefix.facts)
        for one in self.prefix.examples:
            yield from (one.asked, one.replied)
        yield from (one.text for one in self.quotes)
