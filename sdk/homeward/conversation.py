"""
One conversation: asks what it may use, lays out the prompt, streams the reply, records the turn.

Knows the order of these steps and what has to be durable before which; every rule is in its own
module.
"""

from collections.abc import Collection, Iterator, Sequence
from contextlib import ExitStack
from dataclasses import replace
from threading import Event, RLock
from typing import Self

from homeward.alone import alone
from homeward.built import Built, told
from homeward.drafting import Draft, best_draft, worth_drafting
from homeward.errors import Cancelled, EmptyQuestion
from homeward.gate import Moment
from homeward.knowledge import Known
from homeward.parts import Parts
from homeward.ports import Sampling, Session
from homeward.prefix_cache import load_prefix, save_prefix, worth_keeping
from homeward.prompt import (
    SYSTEM_TEXT,
    PastTurn,
    Prompt,
    assemble,
    prefix_segments,
    question_text,
)
from homeward.reply import Reply
from homeward.taste.showing import Example
from homeward.taste.use import TasteInUse
from homeward_store import Memory, MemoryId, SourceKind, Turn, TurnId
from homeward_store.records import checked

REPLY_SHARE = 0.25
"""Of the context, at most, is kept free for the reply; the rest is for prompt and history."""

EXAMPLE_SHARE = 0.2
"""Of the context, at most, for examples of what the person chose."""

NOTHING = Known()


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
        self._examples: tuple[Example, ...] | None = None  # chosen by the first question
        self._asked: str | None = None  # the last question,
        self._turn: Turn | None = None  # its record unless incognito,
        self._answered = False  # and whether its reply stands at the end of `_past`
        self.reload()
        tokenize = self._parts.model.tokenize
        self._past += [PastTurn(tokenize(asked), tokenize(replied)) for asked, replied in past]

    @alone
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
        examples, known = tuple[Example, ...](), NOTHING
        if personalize:
            examples = self._examples_for(question)
            known = self._known(question, exclude=_shown(examples), including=including)
        sampling = sampling or Sampling()
        prompt = self._prompt(
            question, known, self._past, sampling, examples=examples, personalize=personalize
        )
        built = Built(prompt, known, examples)
        if not self.incognito:
            self._turn = self._begin(question)
        self._asked, self._answered = question, False
        return self._answer(built, sampling, self._parts.taste if personalize else None)

    @alone
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
        examples = self._examples_for(self._asked)
        known = self._known(self._asked, exclude=self._own_memories() | _shown(examples))
        sampling = sampling or Sampling()
        past, old = (self._past[:-1], self._past[-1]) if self._answered else (self._past, None)
        prompt = self._prompt(
            self._asked, known, past, sampling, examples=examples, personalize=True
        )
        self._answered = False
        return self._answer(Built(prompt, known, examples), sampling, self._parts.taste, old=old)

    @alone
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

    @property
    def turn(self) -> TurnId | None:
        """The last turn; None before the first, and where nothing is kept."""
        return self._turn.id if self._turn else None

    @alone
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
        self._examples = None

    def interrupt(self) -> None:
        """End the reply that is being made after its token; any thread may say so."""
        if (reply := self._reply) is not None:
            reply.cancel()

    def adopt(self, parts: Parts) -> None:
        """Go on with other parts from the next question on; any thread may say so."""
        self._parts = parts

    @alone
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

    def _examples_for(self, question: str) -> tuple[Example, ...]:
        """Return the conversation's examples: chosen once, so that the prefix stays the same."""
        taste = self._parts.taste
        if taste is None:
            return ()
        if self._examples is None:
            may_show, moment = self._parts.knowledge.may_show, self.moment
            found = taste.examples(question, permitted=lambda text: may_show(text, moment))
            cost = sum(self._count(one.asked) + self._count(one.replied) for one in found)
            self._examples = found if cost <= EXAMPLE_SHARE * self._parts.model.info.n_ctx else ()
        return self._examples

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
        examples: Sequence[Example],
        personalize: bool,
    ) -> Prompt:
        parts = self._parts
        soft_prompt = parts.soft_prompt if personalize else None
        system = parts.model.tokenize(told(known, self._system, learned=soft_prompt is not None))
        asked = question_text(question, known.quotes)
        context = parts.model.info.n_ctx
        tokenize = parts.model.tokenize
        turns = [PastTurn(tokenize(one.asked), tokenize(one.replied)) for one in examples]
        prompt = assemble(
            parts.chat,
            prefix_segments(parts.chat, system, soft_prompt, turns),
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
        self,
        built: Built,
        sampling: Sampling,
        taste: TasteInUse | None,
        *,
        old: PastTurn | None = None,
    ) -> Reply:
        cancel = Event()

        def on_end(reply: Reply) -> None:
            self._reply = None
            if reply.fed is not None:
                session = self._live_session()
                reply.generated, reply.stopped_by = len(session.generated), session.stopped_by
            if reply.text_so_far or old is None:
                self._record(reply, built)
            else:
                self._past.append(old)
                self._answered = True

        self._reply = Reply(
            self._generate(built, sampling, cancel, taste),
            sources=built.sources,
            dropped_turns=built.prompt.dropped_turns,
            turn=self.turn,
            cancel=cancel,
            on_end=on_end,
            lock=self.lock,
        )
        return self._reply

    def _record(self, reply: Reply, built: Built) -> None:
        if reply.text_so_far:
            self._past.append(PastTurn(built.prompt.asked, self._live_session().generated))
            self._answered = True
        if self._turn is not None:
            self._turn = self._parts.profile.turns.finish(
                self._turn.id,
                reply.text_so_far,
                complete=reply.complete,
                used=built.used,
                withheld=built.known.withheld,
            )

    def _generate(
        self, built: Built, sampling: Sampling, cancel: Event, taste: TasteInUse | None
    ) -> Iterator[str]:
        session, said, prompt = self._live_session(), Draft(), built.prompt
        try:
            self._warm(session, built)
            fed = session.feed(prompt.segments, cancel=cancel)
            if taste is not None and taste.drafting and worth_drafting(sampling):
                said = self._drafted(session, prompt, sampling, cancel, taste)
        except Cancelled:
            return
        if self._reply is not None:
            self._reply.fed = fed
        most = len(said.tokens) if said.whole else sampling.max_tokens
        rest = replace(sampling, max_tokens=most)
        yield from session.generate(rest, cancel=cancel, said=said.tokens)

    def _drafted(
        self,
        session: Session,
        prompt: Prompt,
        sampling: Sampling,
        cancel: Event,
        taste: TasteInUse,
    ) -> Draft:
        """Draft the reply's beginning several times, and go on from the one that taste picks."""

        def choose(drafts: Sequence[str]) -> int:
            pick = taste.pick(self._asked or "", drafts)
            if self._reply is not None:
                self._reply.sources = replace(self._reply.sources, taste=pick)
            return pick.index

        drafting, segments = self._parts.drafting, prompt.segments
        return best_draft(
            session, segments, sampling, drafting=drafting, choose=choose, cancel=cancel
        )

    def _live_session(self) -> Session:
        if self._session is None:
            self._session = self._open.enter_context(self._parts.model.session())
        return self._session

    def _warm(self, session: Session, built: Built) -> None:
        """Fill an empty cache with the prefix, from its snapshot where there is one."""
        prefix = built.prompt.prefix
        if session.length or not built.of_prefix or not worth_keeping(prefix):
            return
        blobs, model = self._parts.profile.blobs, self._parts.model.info
        if load_prefix(session, prefix, blobs=blobs, model=model) or self.incognito:
            return
        session.feed(prefix)
        save_prefix(session, prefix, blobs=blobs, model=model, sources=built.of_prefix)

    def _end_reply(self) -> None:
        if self._reply is not None:
            self._reply.close()


def _shown(examples: Sequence[Example]) -> set[MemoryId]:
    """Return the memories that a prompt holds already."""
    return {memory.id for example in examples for memory in example.memories}
