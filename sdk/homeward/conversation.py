"""
One conversation: asks what it may use, lays out the prompt, streams the reply, records the turn.

Knows the order of these steps and what has to be durable before which; every rule is in its own
module.
"""

from collections.abc import Collection, Iterator, Sequence
from contextlib import ExitStack
from dataclasses import replace
from pathlib import Path
from threading import Event, RLock
from typing import Self

from homeward.alone import alone
from homeward.built import Built
from homeward.drafting import Draft, best_draft, worth_drafting
from homeward.errors import Cancelled, EmptyQuestion
from homeward.gate import Moment
from homeward.knowledge import Known
from homeward.layout import lay_out, past_turn
from homeward.parts import Parts
from homeward.ports import Sampling, Session
from homeward.prefix_cache import warm
from homeward.prompt import SYSTEM_TEXT, PastTurn, Prompt
from homeward.reply import Reply
from homeward.sight import Image, remembered
from homeward.taste.showing import Example
from homeward.taste.use import TasteInUse
from homeward_store import Memory, MemoryId, SourceKind, Turn, TurnId
from homeward_store.records import checked
from homeward_store.typed import doors

EXAMPLE_SHARE = 0.2
"""Of the context, at most, for examples of what the person chose."""

NOTHING = Known()


@doors
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
        self._images: tuple[Image, ...] = ()  # what came with it,
        self._turn: Turn | None = None  # its record unless incognito,
        self._answered = False  # and whether its reply stands at the end of `_past`
        self.reload()
        self._past += [past_turn(parts.model, asked, replied) for asked, replied in past]

    @alone
    def ask(
        self,
        question: str,
        *,
        sampling: Sampling | None = None,
        personalize: bool = True,
        including: Sequence[Memory] = (),
        images: Sequence[Path] = (),
    ) -> Reply:
        """
        Answer `question`, using what is known about the person unless `personalize` is false.

        `including` are memories to be quoted whether recall would find them or not. `images` are
        files that the model is shown before the question. They stay in its context with the turn,
        while the conversation is open; what is kept of them is their names.

        Guarantees:
            The question is on the disk before the first token is generated, unless incognito.

        Raises:
            EmptyQuestion: nothing but white space. InvalidText: NUL or a lone surrogate.
            ContextOverflow: question and profile alone exceed the context. Nothing is recorded.
            CannotSee: there are images, and the model has no projector. Nor is anything then.
            CannotRead, UnknownFormat, ImportCorrupt, ModelCorrupt, UnsupportedModel: as
                `Projector.see`. Nor is anything then.
        """
        self._end_reply()
        if not checked(question).strip():
            raise EmptyQuestion("the question is empty")
        seen = tuple(map(self._parts.sight.look_at, images))
        examples, known = tuple[Example, ...](), NOTHING
        if personalize:
            examples = self._examples_for(question)
            known = self._known(question, exclude=_shown(examples), including=including)
        sampling = sampling or Sampling()
        built = lay_out(
            self._parts,
            question,
            self._past,
            sampling,
            system=self._system,
            known=known,
            examples=examples,
            images=seen,
            personalize=personalize,
        )
        self._past = self._past[built.prompt.dropped_turns :]
        if not self.incognito:
            self._turn = self._begin(question, seen)
        self._asked, self._images, self._answered = question, seen, False
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
        built = lay_out(
            self._parts,
            self._asked,
            past,
            sampling,
            system=self._system,
            known=known,
            examples=examples,
            images=self._images,
            personalize=True,
        )
        self._past = past[built.prompt.dropped_turns :]
        self._answered = False
        return self._answer(built, sampling, self._parts.taste, old=old)

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
        self._past[-1] = replace(self._past[-1], replied=tokens)
        if self._turn is not None:
            self._turn = self._parts.profile.turns.settle(self._turn.id, replied)

    @property
    def turn(self) -> TurnId | None:
        """The last turn; None before the first, and where nothing is kept."""
        return self._turn.id if self._turn else None

    @alone
    def reload(self) -> None:
        """Take the course of the conversation from the store, as after something was forgotten."""
        self.close()
        turns = (
            []
            if self.incognito
            else self._parts.profile.turns.conversation(self.name, moment=self.moment)
        )
        model = self._parts.model
        self._past = [
            past_turn(model, turn.asked, turn.replied, self._seen(turn))
            for turn in turns
            if turn.replied
        ]
        self._turn = turns[-1] if turns else None
        self._asked = self._turn.asked if self._turn else None
        self._images = self._seen(self._turn) if self._turn else ()
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
            found = taste.examples(question, permitted=lambda one: may_show(one, moment))
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

    def _seen(self, turn: Turn) -> tuple[Image, ...]:
        """Return what is left of a stored turn's images: their names."""
        return tuple(remembered(name, self._parts.model) for name in turn.attached)

    def _begin(self, question: str, images: Sequence[Image]) -> Turn:
        profile, model = self._parts.profile, self._parts.model.info.name
        names = [image.name for image in images]
        with profile.transaction():
            turn = profile.turns.begin(
                self.name, question, model=model, attached=names, moment=self.moment
            )
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
                self._record(reply, built, taste)
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

    def _record(self, reply: Reply, built: Built, taste: TasteInUse | None) -> None:
        if reply.text_so_far:
            replied = self._live_session().generated
            self._past.append(replace(built.prompt.newest, replied=replied))
            self._answered = True
        if self._turn is not None:
            pick = reply.sources.taste
            picked = dict([taste.use(pick)]) if taste is not None and pick is not None else {}
            self._turn = self._parts.profile.turns.finish(
                self._turn.id,
                reply.text_so_far,
                complete=reply.complete,
                used=built.used,
                withheld=built.known.withheld,
                learned={**built.learned, **picked},
            )

    def _generate(
        self, built: Built, sampling: Sampling, cancel: Event, taste: TasteInUse | None
    ) -> Iterator[str]:
        session, said, prompt = self._live_session(), Draft(), built.prompt
        try:
            if not session.length:
                warm(
                    session,
                    prompt.prefix,
                    blobs=self._parts.profile.blobs,
                    model=self._parts.model.info,
                    sources=built.of_prefix,
                    keep=not self.incognito,
                )
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
                learned = (*self._reply.sources.learned, taste.use(pick)[0])
                self._reply.sources = replace(self._reply.sources, learned=learned)
            return pick.index

        drafting, segments = self._parts.drafting, prompt.segments
        return best_draft(
            session, segments, sampling, drafting=drafting, choose=choose, cancel=cancel
        )

    def _live_session(self) -> Session:
        if self._session is None:
            self._session = self._open.enter_context(self._parts.model.session())
        return self._session

    def _end_reply(self) -> None:
        if self._reply is not None:
            self._reply.close()


def _shown(examples: Sequence[Example]) -> set[MemoryId]:
    """Return the memories that a prompt holds already."""
    return {memory.id for example in examples for memory in example.memories}
