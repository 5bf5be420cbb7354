"""
The one place where a prompt becomes tokens: chats, audits, trials and training all build here.

Pure: words in, segments out. The prefix (system message, soft prompt, examples) stays the same,
byte for byte, until what is known of the person changes, so that its KV cache can be kept. Recalled
memories ride with the newest question and are gone with the next one.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime
from itertools import chain
from typing import Self

from homeward.errors import ContextOverflow
from homeward.ports import LanguageModel, Segment, SoftPrompt, Tokens
from homeward.prompting.chat_template import ChatTemplates, chat_templates, own_calls
from homeward.prompting.demonstration import demonstration
from homeward.prompting.images import Image
from homeward.prompting.prompt import question_text
from homeward.prompting.prompt_content import PastTurn, PrefixContent, PromptContent
from homeward.prompting.speaking import Speaker
from homeward.prompting.tool_calls import CallTokens, Round, ToolSpec
from homeward.sampling import Sampling

REPLY_SHARE = 0.25
"""Of the context, at most, is kept free for the reply; the rest is for prompt and history."""


@dataclass(frozen=True, slots=True)
class Prompt:
    """What to feed: the stable prefix and, after it, earlier turns and the question."""

    prefix: tuple[Segment, ...]
    body: tuple[Segment, ...]
    dropped_turns: int  # oldest turns that no longer fitted

    @property
    def segments(self) -> list[Segment]:
        """Prefix and body together, as `Session.feed` takes them."""
        return [*self.prefix, *self.body]


class PromptBuilder:
    """
    Builds prompts for one model and one day. What stands in them is for others to say.

    Of one day, because some templates say which it is: a conversation keeps the builder that it
    began with, so that its prefix stays the same past midnight.
    """

    def __init__(
        self,
        model: LanguageModel,
        modes: ChatTemplates,
        day: date | None = None,
        *,
        thinking: bool = False,
    ) -> None:
        self._model = model
        self._modes = modes
        self._day = day or today()
        self._chat = (modes.thinking if thinking else None) or modes.at_once
        self.speaker = Speaker(model, self._chat)

    @classmethod
    def of(cls, model: LanguageModel, day: date | None = None) -> Self:
        """
        Return the builder for a model, which reads the pieces of its chat template.

        Raises:
            UnsupportedModel: the template cannot be used; the message says why.
        """
        day = day or today()
        return cls(model, chat_templates(model, day), day)

    def anew(self) -> Self:
        """Return the builder for a conversation that begins now."""
        return type(self).of(self._model) if self._modes.dated else self

    def mode(self, sampling: Sampling, tools: Sequence[ToolSpec] = ()) -> Self:
        """Return the builder for a reply that is drawn so, which may call `tools`."""
        modes = chat_templates(self._model, self._day, tools) if tools else self._modes
        return type(self)(self._model, modes, self._day, thinking=sampling.thinking > 0)

    @property
    def calls(self) -> CallTokens:
        """How a call is written; in words of our own where no tools are offered."""
        return self._chat.calls or own_calls(self._model, self._chat)

    def build(self, content: PromptContent, *, reply_tokens: int = 0) -> Prompt:
        """
        Lay out a prompt that leaves room for a reply of `reply_tokens`, a quarter at most.

        Raises:
            ContextOverflow: question, images and prefix alone exceed the context.
        """
        context = self._model.info.n_ctx
        return fit_to_context(
            self.prefix(content.prefix),
            [self.past_turn(one) for one in content.past],
            self.question(content),
            shown=self.shown(quoted=bool(content.quotes), follows=bool(content.past)),
            room=context - min(reply_tokens, int(context * REPLY_SHARE)),
        )

    def prefix(self, content: PrefixContent) -> tuple[Segment, ...]:
        """Return what stands before a conversation, with the virtual tokens where there are any."""
        before, after = self.around_soft_prompt(content)
        if content.soft_prompt is None:
            return (before + after,)
        return (before, content.soft_prompt, after)

    def around_soft_prompt(self, content: PrefixContent) -> tuple[Tokens, Tokens]:
        """
        Return what stands before and after the virtual tokens: the end of the system message.

        Examples stand after it, as turns that came before the conversation.
        """
        text = self._chat.plain.quoted(f"{content.text}{self._chat.told}")
        before = self._chat.opening + self._model.tokenize(text)
        examples = map(self._words, content.examples)
        return before, self._chat.system_end + tuple(chain.from_iterable(examples))

    def question(self, content: PromptContent) -> tuple[Segment, ...]:
        """Return the newest question with its quotes and images, up to where its reply begins."""
        text = question_text(content.question, content.quotes)
        return (
            *_seen(content.images),
            self.asked(text, after_images=bool(content.images), rounds=content.rounds),
        )

    def asked(
        self, text: str, *, after_images: bool = False, rounds: Sequence[Round] = ()
    ) -> Tokens:
        """Return a question's words, and the calls made for it, up to where its reply begins."""
        # Images stand before the question, which is then on a line of its own.
        line = f"\n{text}" if after_images else text
        if not rounds:
            return self.content(line) + self._chat.reply_start
        called = chain.from_iterable(map(self._called, rounds))
        return self.content(line) + self._chat.past_reply_start + tuple(called)

    def _called(self, made: Round) -> Tokens:
        """Return calls made at once with what was printed, up to where a reply begins."""
        calls, words = self.calls, self.words
        written: Tokens = ()
        for one in made:
            before = calls.then if written else calls.begin
            written += before + words(one.name) + calls.between + words(one.arguments)
        for at, one in enumerate(made):
            before = calls.next_result if at else calls.printed
            written += before + words(calls.shown(one.printed))
        return written + calls.opened

    def past_turn(self, turn: PastTurn) -> tuple[Segment, ...]:
        """Return an answered turn as it stands before a later question."""
        return (*_seen(turn.images), self._words(turn))

    def before_follow_up(self, turn: PastTurn, *, quoted: bool) -> tuple[Segment, ...]:
        """Return what stands between the prefix and a question, `quoted` for or not, on `turn`."""
        return (*self.shown(quoted=quoted, follows=True), *self.past_turn(turn))

    def reply(self, text: str, *, longest: int | None = None) -> Tokens:
        """
        Return a reply with the end of its turn; of one of more than `longest` tokens, these.

        An end after a cut would say that a reply of that length stops in mid-sentence.
        """
        tokens = self.content(text)
        if longest is not None and len(tokens) > longest:
            return tokens[:longest]
        return tokens + self._chat.reply_end

    def shown(self, *, quoted: bool, follows: bool) -> tuple[Segment, ...]:
        """Return what shows a small model how quotes are used, where there are any."""
        shown = demonstration(self._model.info, follows=follows) if quoted else ()
        return tuple(map(self._words, shown))

    def _words(self, turn: PastTurn) -> Tokens:
        asked = f"\n{turn.asked}" if turn.images else turn.asked
        return self.content(asked) + self._chat.past_reply_start + self.reply(turn.replied)

    def words(self, text: str) -> Tokens:
        """Return what stands within a call, or is printed by a tool."""
        return self._model.tokenize(self._chat.plain.quoted(text))

    def content(self, text: str) -> Tokens:
        """Return a question or a reply as it stands between the template's pieces."""
        return self._model.tokenize(self._chat.plain.content(text))


def today() -> date:
    """Return the day where the person is."""
    return datetime.now().astimezone().date()


def fit_to_context(
    prefix: tuple[Segment, ...],
    past: Sequence[tuple[Segment, ...]],
    question: tuple[Segment, ...],
    *,
    room: int,
    shown: tuple[Segment, ...] = (),
) -> Prompt:
    """
    Lay out prefix, past turns and the newest question in at most `room` positions.

    `shown` stands between prefix and past, and is never dropped.

    Guarantees:
        Nothing is dropped unless everything together exceeds `room`; then the oldest turns go.

    Raises:
        ContextOverflow: prefix and question alone exceed `room`.
    """
    fixed = segments_length([*prefix, *shown, *question])
    if fixed > room:
        raise ContextOverflow(f"the question and the profile need {fixed} tokens; {room} are free")
    lengths = list(map(segments_length, past))
    dropped = 0
    while fixed + sum(lengths[dropped:]) > room:
        dropped += 1
    body = tuple(chain.from_iterable([shown, *past[dropped:], question]))
    return Prompt(prefix=prefix, body=body, dropped_turns=dropped)


def segments_length(segments: Sequence[Segment]) -> int:
    """Return how many positions of the context `segments` take."""
    return sum(
        len(part.vectors) if isinstance(part, SoftPrompt) else len(part) for part in segments
    )


def _seen(images: Sequence[Image]) -> tuple[Segment, ...]:
    return tuple(chain.from_iterable(image.segments for image in images))
