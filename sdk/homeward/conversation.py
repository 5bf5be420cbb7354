"""
One conversation: asks what it may use, lays out the prompt, streams the reply, records the turn.

Knows the order of these steps and what has to be durable before which; every rule is in its own
module.
"""

from collections.abc import Callable, Collection, Iterator, Sequence
from contextlib import ExitStack
from dataclasses import dataclass
from functools import wraps
from threading import Event, RLock
from typing import Concatenate, ParamSpec, Self, TypeVar

from homeward.chat_format import ChatFormat
from homeward.errors import Cancelled, EmptyQuestion
from homeward.gate import Moment
from homeward.knowledge import Knowledge, Known
from homeward.ports import LanguageModel, Sampling, Segment, Session, SoftPrompt
from homeward.prefix_cache import load_prefix, save_prefix, worth_keeping
from homeward.prompt import (
    SYSTEM_TEXT,
    PastTurn,
    Prompt,
    assemble,
    prefix_segments,
    question_text,
    shown,
    system_text,
)
from homeward.remembering import Remembering
from homeward.reply import Reply, Sources
from homeward.steering import STYLE, instructions
from homeward_store import Memory, MemoryId, Origin, Profile, SourceKind, Turn, Used
from homeward_store.records import checked

P = ParamSpec("P")
Result = TypeVar("Result")

REPLY_SHARE = 0.25
"""Of the context, at most, is kept free for the reply; the rest is for prompt and history."""

NOTHING = Known()


@dataclass(frozen=True, slots=True)
class Parts:
    """What a conversation works with; the assistant wires it."""

    profile: Profile
    model: LanguageModel
    chat: ChatFormat
    knowledge: Knowledge
    remembering: Remembering
    soft_prompt: SoftPrompt | None = None


def _alone(
    method: Callable[Concatenate["Conversation", P], Result],
) -> Callable[Concatenate["Conversation", P], Result]:
    """Let one thread at a time into a conversation; one that comes in ends the reply of another."""

    @wraps(method)
    def entered(conversation: "Conversation", /, *args: P.args, **kwargs: P.kwargs) -> Result:
        conversation.interrupt()
        with conversation.lock:
            return method(conversation, *args, **kwargs)

    return entered


class Conversation:
    """
    An exchange of turns that remembers its own course, and the person.

    Any thread may ask and read, one at a time: the others wait for its token. Asking again ends an
    unread reply, whoever reads it.
    """

    def __init__(
        self,
        parts: Parts,
        *,
        name: str,
        incognito: bool = False,
        moment: Moment | None = None,
        system: str = SYSTEM_TEXT,
        past: Sequence[tuple[str, str]] = (),
    ) -> None:
        self.name = name
        self.incognito = incognito
        self.moment = moment or Moment()
        self.lock = RLock()
        self._parts = parts
        self._system = system
        self._open = ExitStack()
        self._session: Session | None = None
        self._reply: Reply | None = None
        self._past: list[PastTurn] = []
        self._asked: str | None = None  # the last question,
        self._turn: Turn | None = None  # its record unless incognito,
        self._answered = False  # and whether its reply stands at the end of `_past`
        self.reload()
        tokenize = self._parts.model.tokenize
        self._past += [PastTurn(tokenize(asked), tokenize(replied)) for asked, replied in past]

    @_alone
    def ask(
        self,
        question: str,
        *,
        sampling: Sampling | None = None,
        personalize: bool = True,
        including: Sequence[Memory] = (),
    ) -> Reply:
        """
        Answer `question`, using what is known about the person unless `personalize` is false.

        `including` are memories to be quoted whether recall would find them or not.

        Guarantees:
            The question is on the disk before the first token is generated, unless incognito.

        Raises:
            EmptyQuestion: nothing but white space. InvalidText: NUL or a lone surrogate.
            ContextOverflow: question and profile alone exceed the context. Nothing is recorded.
        """
        self._end_reply()
        if not checked(question).strip():
            raise EmptyQuestion("the question is empty")
        known = self._known(question, including=including) if personalize else NOTHING
        sampling = sampling or Sampling()
        prompt = self._prompt(question, known, self._past, sampling, personalize=personalize)
        if not self.incognito:
            self._turn = self._begin(question)
        self._asked, self._answered = question, False
        return self._answer(prompt, known, sampling)

    @_alone
    def retry(self, *, sampling: Sampling | None = None) -> Reply:
        """
        Answer the last question anew. The new reply takes the old one's place in its turn.

        Guarantees:
            The old reply stays until the new one has its first word.

        Raises:
            EmptyQuestion: nothing was asked yet.
        """
        self._end_reply()
        if self._asked is None:
            raise EmptyQuestion("there is no question to answer again")
        known = self._known(self._asked, exclude=self._own_memories())
        sampling = sampling or Sampling()
        past, old = (self._past[:-1], self._past[-1]) if self._answered else (self._past, None)
        prompt = self._prompt(self._asked, known, past, sampling, personalize=True)
        self._answered = False
        return self._answer(prompt, known, sampling, old=old)

    @_alone
    def settle(self, replied: str) -> None:
        """
        Make `replied` the reply of the last turn: the person kept or rewrote it.

        Raises:
            EmptyQuestion: nothing was answered yet.
        """
        self._end_reply()
        if not self._answered:
            raise EmptyQuestion("there is no reply to settle")
        tokens = self._parts.model.tokenize(checked(replied))
        self._past[-1] = PastTurn(self._past[-1].asked, tokens)
        if self._turn is not None:
            self._turn = self._parts.profile.turns.finish(
                self._turn.id,
                replied,
                complete=True,
                used=self._turn.used,
                withheld=self._turn.withheld,
            )

    @_alone
    def reload(self) -> None:
        """Take the course of the conversation from the store, as after something was forgotten."""
        self.close()
        turns = [] if self.incognito else self._parts.profile.turns.conversation(self.name)
        tokenize = self._parts.model.tokenize
        self._past = [
            PastTurn(tokenize(turn.asked), tokenize(turn.replied)) for turn in turns if turn.replied
        ]
        self._turn = turns[-1] if turns else None
        self._asked = self._turn.asked if self._turn else None
        self._answered = bool(self._turn and self._turn.replied)

    def interrupt(self) -> None:
        """End the reply that is being made after its token; any thread may say so."""
        if (reply := self._reply) is not None:
            reply.cancel()

    def adopt(self, parts: Parts) -> None:
        """Go on with other parts from the next question on; any thread may say so."""
        self._parts = parts

    @_alone
    def close(self) -> None:
        """End an unread reply and free the KV cache. Asking again opens a new one."""
        self._end_reply()
        self._open.close()
        self._session = None

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def _known(
        self,
        question: str,
        *,
        exclude: Collection[MemoryId] = (),
        including: Sequence[Memory] = (),
    ) -> Known:
        return self._parts.knowledge.about(
            question,
            moment=self.moment,
            count=self._count,
            exclude=exclude,
            including=including,
        )

    def _own_memories(self) -> set[MemoryId]:
        """Return the memories made of the last question: it must not be answered with itself."""
        if self._turn is None:
            return set()
        found = self._parts.profile.memories.of(SourceKind.TURN, self._turn.id)
        return {memory.id for memory in found}

    def _count(self, text: str) -> int:
        return len(self._parts.model.tokenize(text))

    def _prompt(
        self,
        question: str,
        known: Known,
        past: list[PastTurn],
        sampling: Sampling,
        *,
        personalize: bool,
    ) -> Prompt:
        parts = self._parts
        soft_prompt = parts.soft_prompt if personalize else None
        told = _system(known, self._system, learned=soft_prompt is not None)
        system = parts.model.tokenize(told)
        asked = question_text(question, known.quotes)
        context = parts.model.info.n_ctx
        prompt = assemble(
            parts.chat,
            prefix_segments(parts.chat, system, soft_prompt),
            past,
            parts.model.tokenize(asked),
            room=context - min(sampling.max_tokens, int(context * REPLY_SHARE)),
        )
        self._past = past[prompt.dropped_turns :]
        return prompt

    def _begin(self, question: str) -> Turn:
        profile = self._parts.profile
        with profile.transaction():
            turn = profile.turns.begin(self.name, question, model=self._parts.model.info.name)
            self._parts.remembering.turn(turn, previous=self._turn)
        return turn

    def _answer(
        self, prompt: Prompt, known: Known, sampling: Sampling, *, old: PastTurn | None = None
    ) -> Reply:
        cancel = Event()

        def on_end(reply: Reply) -> None:
            self._reply = None
            if reply.fed is not None:
                session = self._live_session()
                reply.generated, reply.stopped_by = len(session.generated), session.stopped_by
            if reply.text_so_far or old is None:
                self._record(reply, prompt, known)
            else:
                self._past.append(old)
                self._answered = True

        self._reply = Reply(
            self._generate(prompt, known, sampling, cancel),
            sources=Sources((*known.attributes, *known.occasional), known.memories, known.withheld),
            dropped_turns=prompt.dropped_turns,
            turn=self._turn.id if self._turn else None,
            cancel=cancel,
            on_end=on_end,
            lock=self.lock,
        )
        return self._reply

    def _record(self, reply: Reply, prompt: Prompt, known: Known) -> None:
        if reply.text_so_far:
            self._past.append(PastTurn(prompt.asked, self._live_session().generated))
            self._answered = True
        if self._turn is not None:
            self._turn = self._parts.profile.turns.finish(
                self._turn.id,
                reply.text_so_far,
                complete=reply.complete,
                used=_used(known),
                withheld=known.withheld,
            )

    def _generate(
        self, prompt: Prompt, known: Known, sampling: Sampling, cancel: Event
    ) -> Iterator[str]:
        session = self._live_session()
        try:
            self._warm(session, prompt.prefix, known)
            fed = session.feed(prompt.segments, cancel=cancel)
        except Cancelled:
            return
        if self._reply is not None:
            self._reply.fed = fed
        yield from session.generate(sampling, cancel=cancel)

    def _live_session(self) -> Session:
        if self._session is None:
            self._session = self._open.enter_context(self._parts.model.session())
        return self._session

    def _warm(self, session: Session, prefix: Sequence[Segment], known: Known) -> None:
        """Fill an empty cache with the prefix, from its snapshot where there is one."""
        if session.length or not known.attributes or not worth_keeping(prefix):
            return
        blobs, model = self._parts.profile.blobs, self._parts.model.info
        if load_prefix(session, prefix, blobs=blobs, model=model) or self.incognito:
            return
        session.feed(prefix)
        sources = [(SourceKind.ATTRIBUTE, attribute.id) for attribute in known.attributes]
        save_prefix(session, prefix, blobs=blobs, model=model, sources=sources)

    def _end_reply(self) -> None:
        if self._reply is not None:
            self._reply.close()


def _used(known: Known) -> list[Used]:
    return [
        *(Used(SourceKind.ATTRIBUTE, one.id) for one in (*known.attributes, *known.occasional)),
        *(Used(SourceKind.MEMORY, memory.id) for memory in known.memories),
    ]


def _system(known: Known, system: str, *, learned: bool) -> str:
    settings: list[tuple[str, str]] = []
    facts: list[tuple[str, str]] = []
    for one in known.attributes:
        # What a document or a tool said is quoted as a fact; only the person gives orders.
        steers = one.key.startswith(STYLE) and one.origin is Origin.PERSON
        (settings if steers else facts).append((one.key, shown(one.value)))
    told = instructions(settings, learned=learned)
    return system_text(facts, system=f"{system} {told}".rstrip())
