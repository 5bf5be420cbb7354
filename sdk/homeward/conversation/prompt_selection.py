"""
The prompts of one conversation: which past, which memories and which examples stand in each.

Asks the rules, each in its own module, and has laid out what they admit; draws nothing and writes
nothing.
"""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, replace

from homeward.conversation.back_reference import asks_again, refers_back
from homeward.conversation.built_prompt import BuiltPrompt
from homeward.conversation.components import ConversationComponents
from homeward.conversation.context import SelectedContext
from homeward.conversation.exchange import Exchange
from homeward.conversation.sources import through
from homeward.learning.soft_prompt_store import use_of
from homeward.policy.gate import UseContext
from homeward.ports import SoftPrompt
from homeward.prompting.prompt import SYSTEM_TEXT
from homeward.prompting.prompt_builder import Prompt
from homeward.prompting.prompt_content import PastTurn, PrefixContent, PromptContent
from homeward.sampling import Sampling
from homeward.taste.examples import Example
from homeward.tools.calling import NO_TOOLS, ToolUse
from homeward_store import LearnedUse, Memory, MemoryId, Source

EXAMPLE_SHARE = 0.2
"""Of the context, at most, for examples of what the person chose."""


@dataclass(frozen=True, slots=True)
class PromptRequest:
    """
    A question, and how it is to be answered.

    `including` are memories to be quoted whether recall finds them or not; `exclude` are others
    that are not. `tools` are those that its reply may call.
    """

    asked: Exchange
    sampling: Sampling
    personalize: bool = True
    including: Sequence[Memory] = ()
    exclude: Collection[MemoryId] = ()
    tools: ToolUse = NO_TOOLS


class PromptSelector:
    """Selects what stands in prompts, in one use context and after one system text."""

    def __init__(self, use_context: UseContext | None = None, system: str = SYSTEM_TEXT) -> None:
        self._use_context = use_context or UseContext()
        self._system = system
        self._examples: tuple[Example, ...] | None = None  # chosen by the first question

    def reset(self) -> None:
        """Choose examples anew, as after something was forgotten."""
        self._examples = None

    def build(
        self,
        parts: ConversationComponents,
        request: PromptRequest,
        before: Sequence[Exchange] = (),
    ) -> BuiltPrompt:
        """
        Choose what may be used for a question that comes after `before`, and lay it out.

        Raises:
            ContextOverflow: question, images and profile alone exceed the context.
        """
        past = _referred_to(request.asked, before, parts)
        alone = self._without_past(parts, request, after=past[-1] if past else None)
        built = _after(
            [one for one in past if self._lets_pass(one, request, parts)], alone, parts, request
        )
        if not built.past:
            return built
        stood_on = through(parts.profile, built.turns, but=built.used)
        worth = _has_more_to_say(alone, past[-1]) and not asks_again(request.asked.asked)
        return replace(built, through=stood_on, alone=alone if worth else None)

    def _without_past(
        self, parts: ConversationComponents, request: PromptRequest, *, after: Exchange | None
    ) -> BuiltPrompt:
        question, examples, known = request.asked.asked, tuple[Example, ...](), SelectedContext()
        if request.personalize:
            examples = self._examples_for(question, parts)
            known = parts.knowledge.about(
                question,
                use_context=self._use_context,
                count=lambda text: len(parts.model.tokenize(text)),
                after=after,
                exclude={*request.exclude, *(one.id for each in examples for one in each.memories)},
                including=request.including,
            )
        content = PromptContent(
            question,
            prefix_content(
                known,
                parts.soft_prompt if request.personalize else None,
                examples,
                system=self._system,
            ),
            quotes=known.quotes,
            images=request.asked.images,
            rounds=request.tools.rounds,
        )
        return BuiltPrompt(
            content,
            _laid_out(content, parts, request),
            known,
            examples,
            learned=_learned(parts, examples) if request.personalize else {},
            printed=request.tools.memories,
        )

    def _lets_pass(
        self, one: Exchange, request: PromptRequest, parts: ConversationComponents
    ) -> bool:
        if one.personal and not request.personalize:
            return False
        return parts.knowledge.lets_pass(one, request.asked.asked, use_context=self._use_context)

    def _examples_for(self, question: str, parts: ConversationComponents) -> tuple[Example, ...]:
        """Return the conversation's examples: chosen once, so that the prefix stays the same."""
        if parts.taste is None:
            return ()
        if self._examples is None:
            may_show, tokenize = parts.knowledge.may_show, parts.model.tokenize
            found = parts.taste.examples(
                question, permitted=lambda one: may_show(one, self._use_context)
            )
            cost = sum(len(tokenize(text)) for one in found for text in (one.asked, one.replied))
            self._examples = found if cost <= EXAMPLE_SHARE * parts.model.info.n_ctx else ()
        return self._examples


def _has_more_to_say(alone: BuiltPrompt, earlier: Exchange) -> bool:
    """Return whether a reply that repeats `earlier` misses what was recalled for its question."""
    best = next((one.id for one in alone.known.memories), None)
    return best is not None and best != earlier.told


def prefix_content(
    known: SelectedContext,
    soft_prompt: SoftPrompt | None,
    examples: Sequence[Example] = (),
    *,
    system: str = SYSTEM_TEXT,
) -> PrefixContent:
    """Return what stands before a conversation in which `known` may be used."""
    return PrefixContent(
        system,
        settings=known.settings,
        facts=known.facts,
        soft_prompt=soft_prompt,
        examples=tuple(PastTurn(one.asked, one.replied) for one in examples),
    )


def _after(
    past: Sequence[Exchange],
    alone: BuiltPrompt,
    parts: ConversationComponents,
    request: PromptRequest,
) -> BuiltPrompt:
    """Return a prompt with those of `past` before its question for which there is room."""
    if not past:
        return alone
    content = replace(alone.content, past=tuple(one.said for one in past))
    prompt = _laid_out(content, parts, request)
    return replace(alone, content=content, prompt=prompt, past=tuple(past[prompt.dropped_turns :]))


def _laid_out(
    content: PromptContent, parts: ConversationComponents, request: PromptRequest
) -> Prompt:
    prompts = parts.prompts.mode(request.sampling, request.tools.tools)
    return prompts.build(content, reply_tokens=request.sampling.longest)


def _learned(
    parts: ConversationComponents, examples: Sequence[Example]
) -> Mapping[LearnedUse, Sequence[Source]]:
    """Return the learned states in a prompt: its style, and the taste that chose its examples."""
    style = {} if parts.learned is None else dict([use_of(parts.learned)])
    taste = dict([parts.taste.use()]) if parts.taste is not None and examples else {}
    return {**style, **taste}


def _referred_to(
    asked: Exchange, before: Sequence[Exchange], parts: ConversationComponents
) -> list[Exchange]:
    """Return the exchanges that a question refers back to, as many as the model bears."""
    # "What is this?" beside an image asks of the image.
    if asked.images or not refers_back(asked.asked):
        return []
    replied = [one for one in before if one.replied]
    return replied[max(0, len(replied) - parts.model.info.traits.exchanges) :]
