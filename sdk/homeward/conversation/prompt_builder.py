"""
The prompts of one conversation: which past, which memories and which examples stand in each.

Asks the rules, each in its own module, and lays out what they admit; draws nothing and writes
nothing.
"""

from collections.abc import Collection, Sequence
from dataclasses import replace
from functools import partial

from homeward.conversation.back_reference import asks_again, refers_back
from homeward.conversation.built_prompt import BuiltPrompt
from homeward.conversation.components import ConversationComponents
from homeward.conversation.context import SelectedContext
from homeward.conversation.exchange import Exchange
from homeward.conversation.prompt_layout import lay_out
from homeward.conversation.sources import through
from homeward.policy.gate import UseContext
from homeward.ports import Sampling
from homeward.prompting.prompt import most_exchanges
from homeward.taste.examples import Example
from homeward_store import Memory, MemoryId

EXAMPLE_SHARE = 0.2
"""Of the context, at most, for examples of what the person chose."""


class PromptBuilder:
    """Builds prompts in one moment, after one system text."""

    def __init__(self, moment: UseContext, system: str) -> None:
        self._moment = moment
        self._system = system
        self._examples: tuple[Example, ...] | None = None  # chosen by the first question

    def reset(self) -> None:
        """Choose examples anew, as after something was forgotten."""
        self._examples = None

    def build(
        self,
        parts: ConversationComponents,
        asked: Exchange,
        before: Sequence[Exchange],
        sampling: Sampling,
        *,
        personalize: bool = True,
        including: Sequence[Memory] = (),
        exclude: Collection[MemoryId] = (),
    ) -> BuiltPrompt:
        """
        Choose what may be used for a question that comes after `before`, and lay it out.

        Raises:
            ContextOverflow: question, images and profile alone exceed the context.
        """
        past = _referred_to(asked, before, parts)
        examples, known = tuple[Example, ...](), SelectedContext()
        if personalize:
            examples = self._examples_for(asked.asked, parts)
            known = parts.knowledge.about(
                asked.asked,
                moment=self._moment,
                count=lambda text: len(parts.model.tokenize(text)),
                after=past[-1].asked if past else "",
                exclude={*exclude, *(one.id for each in examples for one in each.memories)},
                including=including,
            )
        lay = partial(
            lay_out,
            parts,
            asked,
            sampling=sampling,
            system=self._system,
            known=known,
            examples=examples,
            personalize=personalize,
        )
        built = lay(
            [one for one in past if self._lets_pass(one, asked, parts, personalize=personalize)]
        )
        if not built.past:
            return built
        stood_on = through(parts.profile, built.turns, but=built.used)
        worth = known.memories and not asks_again(asked.asked)
        return replace(built, through=stood_on, alone=lay([]) if worth else None)

    def _lets_pass(
        self, one: Exchange, asked: Exchange, parts: ConversationComponents, *, personalize: bool
    ) -> bool:
        if one.personal and not personalize:
            return False
        return parts.knowledge.lets_pass(one, asked.asked, moment=self._moment)

    def _examples_for(self, question: str, parts: ConversationComponents) -> tuple[Example, ...]:
        """Return the conversation's examples: chosen once, so that the prefix stays the same."""
        if parts.taste is None:
            return ()
        if self._examples is None:
            may_show, tokenize = parts.knowledge.may_show, parts.model.tokenize
            found = parts.taste.examples(
                question, permitted=lambda one: may_show(one, self._moment)
            )
            cost = sum(len(tokenize(text)) for one in found for text in (one.asked, one.replied))
            self._examples = found if cost <= EXAMPLE_SHARE * parts.model.info.n_ctx else ()
        return self._examples


def _referred_to(
    asked: Exchange, before: Sequence[Exchange], parts: ConversationComponents
) -> list[Exchange]:
    """Return the exchanges that a question refers back to, as many as the model bears."""
    # "What is this?" beside an image asks of the image.
    if asked.images or not refers_back(asked.asked):
        return []
    return [one for one in before if one.replied][-most_exchanges(parts.model.info) :]
