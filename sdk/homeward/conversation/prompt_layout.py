"""How one question is laid out, with what a conversation works with."""

from collections.abc import Mapping, Sequence
from itertools import chain

from homeward.conversation.built_prompt import BuiltPrompt, system_prompt
from homeward.conversation.components import ConversationComponents
from homeward.conversation.context import SelectedContext
from homeward.conversation.exchange import Exchange
from homeward.learning.soft_prompt_store import use_of
from homeward.ports import LanguageModel, Sampling, Segment
from homeward.prompting.images import Image
from homeward.prompting.prompt import PastTurn, fit_to_context, prefix_segments, question_text, said
from homeward.taste.examples import Example
from homeward_store import LearnedUse, Source

REPLY_SHARE = 0.25
"""Of the context, at most, is kept free for the reply; the rest is for prompt and history."""


def lay_out(
    parts: ConversationComponents,
    asked: Exchange,
    past: Sequence[Exchange],
    *,
    sampling: Sampling,
    system: str,
    known: SelectedContext,
    examples: tuple[Example, ...],
    personalize: bool,
) -> BuiltPrompt:
    """
    Lay out the prompt of a question, after those of `past` for which there is room.

    Raises:
        ContextOverflow: question, images and profile alone exceed the context.
    """
    model, soft_prompt = parts.model, parts.soft_prompt if personalize else None
    prefix = prefix_segments(
        parts.chat,
        model.tokenize(system_prompt(known, system, learned=soft_prompt is not None)),
        soft_prompt,
        [past_turn(model, one.asked, one.replied) for one in examples],
    )
    context = model.info.n_ctx
    prompt = fit_to_context(
        parts.chat,
        prefix,
        [past_turn(model, one.asked, one.replied, one.images) for one in past],
        past_turn(model, question_text(asked.asked, known.quotes), "", asked.images),
        room=context - min(sampling.max_tokens, int(context * REPLY_SHARE)),
    )
    return BuiltPrompt(
        asked.asked,
        prompt,
        known,
        examples,
        asked.images,
        past=tuple(past[prompt.dropped_turns :]),
        learned=_learned(parts, examples) if personalize else {},
    )


def _learned(
    parts: ConversationComponents, examples: Sequence[Example]
) -> Mapping[LearnedUse, Sequence[Source]]:
    """Return the learned states in a prompt: its style, and the taste that chose its examples."""
    style = {} if parts.learned is None else dict([use_of(parts.learned)])
    taste = dict([parts.taste.use()]) if parts.taste is not None and examples else {}
    return {**style, **taste}


def as_said(parts: ConversationComponents, built: BuiltPrompt, last: Exchange) -> list[Segment]:
    """Return what the context holds after an exchange: the prefix, and what was said in it."""
    if not last.replied:
        return list(built.prompt.prefix)
    turn = past_turn(parts.model, last.asked, last.replied, last.images)
    return [*built.prompt.prefix, *said(parts.chat, turn)]


def past_turn(
    model: LanguageModel, asked: str, replied: str, images: Sequence[Image] = ()
) -> PastTurn:
    """Return an exchange in tokens: images stand before the question, on a line of their own."""
    seen = tuple(chain.from_iterable(image.segments for image in images))
    line = f"\n{asked}" if seen else asked
    return PastTurn(model.tokenize(line), model.tokenize(replied), seen)
