"""
A conversation selects context, builds the prompt, streams the reply and records the turn.

Knows the order of these steps and what has to be durable before which; every rule is in its own
module.
"""

from collections.abc import Sequence
from contextlib import suppress
from dataclasses import replace
from pathlib import Path
from threading import Event, RLock
from typing import Self

from homeward.concurrency.exclusive import exclusive
from homeward.conversation.best_of_n import freer
from homeward.conversation.built_prompt import BuiltPrompt
from homeward.conversation.components import ConversationComponents
from homeward.conversation.exchange import Exchange, recorded
from homeward.conversation.live_session import LiveSession, Task
from homeward.conversation.prompt_selection import PromptRequest, PromptSelector
from homeward.conversation.reply import Reply
from homeward.errors import EmptyQuestion, ModelError
from homeward.policy.gate import UseContext
from homeward.ports import ImageBytes, Segment
from homeward.prompting.images import Image, placeholder
from homeward.prompting.prompt import SYSTEM_TEXT
from homeward.sampling import Sampling
from homeward.text.limits import QUESTION
from homeward.tools.calling import NO_TOOLS, ToolUse
from homeward_store import Memory, MemoryId, SourceKind, Turn, TurnId
from homeward_store.records import checked
from homeward_store.typed import doors


@doors
class Conversation:
    """
    A conversation with one person: it knows its own turns and the profile.

    Thread-safe: one thread asks or reads at a time, and others wait for its token. Asking again
    ends a reply that was not read to its end.
    """

    def __init__(
        self,
        parts: ConversationComponents,
        *,
        name: str,
        incognito: bool = False,
        use_context: UseContext | None = None,
        system: str = SYSTEM_TEXT,
        past: Sequence[Exchange] = (),
    ) -> None:
        self.name = name
        self.incognito = incognito
        self.use_context = use_context or UseContext()
        self.lock = RLock()
        self._parts = parts
        self._selector = PromptSelector(self.use_context, system)
        self._live = LiveSession()
        self._reply: Reply | None = None
        self._exchanges: list[Exchange] = []  # the last one may be unanswered
        self.reload()
        self._exchanges += past

    @exclusive
    def ask(
        self,
        question: str,
        *,
        sampling: Sampling | None = None,
        personalize: bool = True,
        including: Sequence[Memory] = (),
        images: Sequence[Path | ImageBytes] = (),
        tools: ToolUse = NO_TOOLS,
    ) -> Reply:
        """
        Answer `question`; use the profile unless `personalize` is false.

        The model sees earlier exchanges if the question refers back to them, without the memories
        that were quoted for them. `including` are memories to quote even if recall does not find
        them. `images` are files or bytes that the model sees before the question. They stay in the
        exchange while the conversation is open; only their names are stored. `tools` are those of
        the app that the reply may call: then the reply has `calls`, which are for the app to make,
        and `resume` goes on with what they printed.

        Guarantees:
            The question is on the disk before the first token is generated, unless incognito.

        Raises:
            EmptyQuestion: the question is only white space.
            InvalidText: the question has NUL or a lone surrogate.
            InvalidArgument: the question is longer than `text.limits.QUESTION`.
            ContextOverflow: question and profile alone exceed the context. Nothing is recorded.
            CannotSee: there are images, and the model has no projector. Nothing is recorded.
            ImageError, ModelCorrupt, UnsupportedModel: as `Projector.see`. Nothing is
                recorded.
        """
        self._end_reply()
        if not QUESTION.check(checked(question)).strip():
            raise EmptyQuestion("the question is empty")
        asked = Exchange(question, images=tuple(map(self._parts.sight.look_at, images)))
        sampling = sampling or self._parts.model.info.traits.sampling
        built = self._selector.build(
            self._parts,
            PromptRequest(
                asked, sampling, personalize=personalize, including=including, tools=tools
            ),
            self._exchanges,
        )
        if not self.incognito:
            asked = replace(asked, turn=self._begin(asked))
        self._exchanges.append(asked)
        return self._answer(built, sampling, personalize=personalize, tools=tools)

    @exclusive
    def resume(
        self,
        tools: ToolUse,
        *,
        sampling: Sampling | None = None,
        personalize: bool = True,
    ) -> Reply:
        """
        Go on with the reply to the last question, now that `tools` have printed something.

        Raises:
            EmptyQuestion: there is no question yet. ContextOverflow: as `ask`.
        """
        self._end_reply()
        if not self._exchanges or self._exchanges[-1].elsewhere:
            raise EmptyQuestion("there is no question that the tools were called for")
        *before, last = self._exchanges
        sampling = sampling or self._parts.model.info.traits.sampling
        request = PromptRequest(
            last, sampling, personalize=personalize, exclude=self._made_of(last), tools=tools
        )
        built = self._selector.build(self._parts, request, before)
        return self._answer(built, sampling, personalize=personalize, tools=tools)

    @exclusive
    def retry(self, *, sampling: Sampling | None = None) -> Reply:
        """
        Answer the last question again. The new reply replaces the old one in its turn.

        Without `sampling`, the temperature is raised, so that the reply is likely to differ.

        Guarantees:
            The old reply is kept until the new one has its first word.

        Raises:
            EmptyQuestion: there is no question yet.
        """
        self._end_reply()
        if not self._exchanges or self._exchanges[-1].elsewhere:
            raise EmptyQuestion("there is no question to answer again; ask one first")
        *before, last = self._exchanges
        sampling = sampling or freer(self._parts.model.info.traits.sampling)
        built = self._selector.build(
            self._parts, PromptRequest(last, sampling, exclude=self._made_of(last)), before
        )
        return self._answer(built, sampling, personalize=True)

    @exclusive
    def settle(self, replied: str) -> None:
        """
        Make `replied` the reply of the last turn: the person kept or rewrote it.

        Raises:
            EmptyQuestion: there is no reply yet.
        """
        self._end_reply()
        last = self._exchanges[-1] if self._exchanges else Exchange("")
        if last.elsewhere or not last.replied:
            raise EmptyQuestion("there is no reply to replace; ask a question first")
        last = replace(last, replied=checked(replied))
        if last.turn is not None:
            last = replace(last, turn=self._parts.profile.turns.settle(last.turn.id, replied))
        self._exchanges[-1] = last

    @property
    def turn(self) -> TurnId | None:
        """The last turn; None before the first one and in incognito conversations."""
        last = self._exchanges[-1] if self._exchanges else Exchange("")
        return None if last.turn is None or last.elsewhere else last.turn.id

    @exclusive
    def reload(self) -> None:
        """Reload the exchanges from the store, for example after something was forgotten."""
        self.close()
        turns = self._parts.profile.turns
        stored = (
            [] if self.incognito else turns.conversation(self.name, use_context=self.use_context)
        )
        self._exchanges = [recorded(turn, self._remembered(turn), get=turns.get) for turn in stored]
        self._selector.reset()

    def interrupt(self) -> None:
        """End the current reply after its current token. Thread-safe."""
        self._parts.pause.end()
        if (reply := self._reply) is not None:
            reply.cancel()

    def adopt(self, parts: ConversationComponents) -> None:
        """
        Use `parts` from the next question on. Thread-safe.

        The template's day stays the one of the first question, and so does the prefix.
        """
        self._parts = replace(parts, prompts=self._parts.prompts)

    @exclusive
    def close(self) -> None:
        """End an unread reply and free the KV cache. Asking again opens a new one."""
        self._end_reply()
        self._live.close()

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def _made_of(self, exchange: Exchange) -> set[MemoryId]:
        """Return the memories made of a question: it must not be answered with itself."""
        if exchange.turn is None:
            return set()
        found = self._parts.profile.memories.of(SourceKind.TURN, exchange.turn.id)
        return {memory.id for memory in found}

    def _remembered(self, turn: Turn) -> tuple[Image, ...]:
        """Return what is left of a stored turn's images: their names."""
        return tuple(placeholder(name, self._parts.model) for name in turn.attached)

    def _begin(self, asked: Exchange) -> Turn:
        profile, model = self._parts.profile, self._parts.model.info.name
        names = [image.name for image in asked.images]
        previous = self._exchanges[-1].turn if self._exchanges else None
        with profile.transaction():
            turn = profile.turns.begin(
                self.name, asked.asked, model=model, attached=names, use_context=self.use_context
            )
            self._parts.remembering.turn(turn, previous=previous)
        return turn

    def _answer(
        self,
        built: BuiltPrompt,
        sampling: Sampling,
        *,
        personalize: bool,
        tools: ToolUse = NO_TOOLS,
    ) -> Reply:
        parts = self._parts
        taste = parts.taste if personalize else None
        # A prefix with an app's tools in it serves that app alone: it is not worth a file.
        keep = not self.incognito and not tools.tools
        task = Task(built, parts, sampling, taste, keep_prefix=keep, tools=tools)
        self._reply = Reply(
            lambda reply: self._live.draw(task, reply),
            sources=built.sources,
            dropped_turns=built.prompt.dropped_turns,
            turn=self.turn,
            cancel=task.cancel,
            on_end=lambda reply: self._end(task, reply),
            lock=self.lock,
        )
        return self._reply

    def _end(self, task: Task, reply: Reply) -> None:
        """Record a reply, take what was quoted for it out of the cache, and use the pause."""
        self._reply, last = None, self._exchanges[-1]
        if reply.text_so_far or not last.replied:
            last = task.built.answered(last, reply.text_so_far)
            self._exchanges[-1] = self._recorded(last, reply, task.built)
        said = _as_said(task, self._exchanges[-1])
        self._live.finish(reply, said)
        task.parts.pause.use(lambda ended: self._prepare(said, ended))

    def _recorded(self, exchange: Exchange, reply: Reply, built: BuiltPrompt) -> Exchange:
        if exchange.turn is None:
            return exchange
        turn = self._parts.profile.turns.finish(
            exchange.turn.id,
            exchange.replied,
            complete=reply.complete,
            used=built.used,
            withheld=built.known.withheld,
            learned=built.learned,
        )
        return replace(exchange, turn=turn)

    def _prepare(self, segments: Sequence[Segment], ended: Event) -> None:
        """Decode what the next question may come after; it is not missed where that fails."""
        with self.lock, suppress(ModelError, ValueError):
            self._live.prepare(segments, ended)

    def _end_reply(self) -> None:
        if self._reply is not None:
            self._reply.close()
        self._parts.pause.end()


def _as_said(task: Task, last: Exchange) -> list[Segment]:
    """Return what the context holds after an exchange: the prefix, and what was said in it."""
    # A question on an exchange that was told from a memory is likely to be answered from one, too.
    quoted, prompts = bool(task.built.content.quotes), task.prompts
    said = prompts.before_follow_up(last.said, quoted=quoted) if last.replied else ()
    return [*task.built.prompt.prefix, *said]
