"""
A live session fills a conversation's KV cache, draws from it and removes quotes afterwards.

For one thread at a time, which the conversation sees to. Knows a prompt that was built; which past
or knowledge stands in it, not.
"""

from collections.abc import Sequence
from contextlib import ExitStack
from dataclasses import dataclass, field, replace
from threading import Event

from homeward.conversation.best_of_n import Draft, best_draft, worth_drafting
from homeward.conversation.built_prompt import BuiltPrompt
from homeward.conversation.components import ConversationComponents
from homeward.conversation.prefix_cache import restore_or_decode
from homeward.conversation.repetition import unless_repeated
from homeward.conversation.reply import Drawn, Reply
from homeward.errors import Cancelled
from homeward.ports import Segment, Session
from homeward.prompting.prompt_builder import PromptBuilder
from homeward.sampling import Sampling
from homeward.taste.active import TasteInUse
from homeward.tools.calling import NO_TOOLS, CallDrawing, ToolUse


@dataclass(slots=True)
class Task:
    """One reply to be made, and how. `built` is what it was made of in the end."""

    built: BuiltPrompt
    parts: ConversationComponents
    sampling: Sampling
    taste: TasteInUse | None
    keep_prefix: bool  # its snapshot may be written
    tools: ToolUse = NO_TOOLS
    cancel: Event = field(default_factory=Event)

    @property
    def prompts(self) -> PromptBuilder:
        """What its prompt was laid out by."""
        return self.parts.prompts.mode(self.sampling, self.tools.tools)


class LiveSession:
    """The session of one conversation: opened when it is first needed, and again after `close`."""

    def __init__(self) -> None:
        self._open = ExitStack()
        self._session: Session | None = None

    def draw(self, task: Task, reply: Reply) -> Drawn:
        """
        Yield the thoughts and the text of `reply`, nothing where it is cancelled before.

        A reply that only repeats an earlier one is dropped unseen and drawn again without the past.
        """
        alone, past = task.built.alone, [one.replied for one in task.built.past]
        if alone is None or task.tools.tools:
            return self._drawn(task, reply)

        def without_past() -> Drawn:
            task.built, reply.sources = alone, alone.sources
            return self._drawn(task, reply)

        return unless_repeated(self._drawn(task, reply), past, instead=without_past)

    def _drawn(self, task: Task, reply: Reply) -> Drawn:
        session, prompt, said = self._opened(task.parts), task.built.prompt, Draft()
        try:
            if not session.length:
                restore_or_decode(
                    session,
                    prompt.prefix,
                    blobs=task.parts.profile.blobs,
                    model=task.parts.model.info,
                    sources=task.built.of_prefix,
                    keep=task.keep_prefix,
                )
            reply.fed = session.feed(prompt.segments, cancel=task.cancel)
            if task.tools.tools:
                how = CallDrawing(session, task.prompts, task.sampling, task.tools, task.cancel)
                yield from how.reply(prompt.segments)
                return
            if (taste := task.taste) and taste.drafting and worth_drafting(task.sampling):
                said = _best_draft(session, task, taste, reply)
        except Cancelled:
            return
        most = len(said.tokens) if said.whole else task.sampling.max_tokens
        rest = replace(task.sampling, max_tokens=most)
        segments = prompt.segments
        for piece in task.prompts.speaker.reply(
            session, segments, rest, cancel=task.cancel, said=said.tokens
        ):
            reply.drawn = session.drawn
            yield piece

    def finish(self, reply: Reply, segments: Sequence[Segment]) -> None:
        """Record how a reply ended, and cut the cache back to the common prefix with `segments`."""
        if (session := self._session) is not None:
            if reply.fed is not None:
                reply.generated = reply.thought_tokens + reply.call_tokens
                if not reply.calls:
                    reply.generated += len(session.generated)
                reply.stopped_by = session.stopped_by
                reply.stop_found = session.stop_found
            session.trim(segments)

    def prepare(self, segments: Sequence[Segment], cancel: Event) -> None:
        """Decode `segments` before they are needed, as far as there is time."""
        if self._session is not None and not cancel.is_set():
            self._session.feed(segments, cancel=cancel)

    def close(self) -> None:
        """Free the KV cache."""
        self._open.close()
        self._session = None

    def _opened(self, parts: ConversationComponents) -> Session:
        if self._session is None:
            self._session = self._open.enter_context(parts.model.session())
        return self._session


def _best_draft(session: Session, task: Task, taste: TasteInUse, reply: Reply) -> Draft:
    """Draft the reply's beginning several times, and go on from the one that taste picks."""

    def choose(drafts: Sequence[str]) -> int:
        pick = taste.pick(task.built.content.question, drafts)
        use, learned_from = taste.use(pick)
        task.built = replace(task.built, learned={**task.built.learned, use: learned_from})
        reply.sources = task.built.sources
        return pick.index

    return best_draft(
        session,
        task.built.prompt.segments,
        task.prompts.speaker.worded(task.sampling),
        drafting=task.parts.drafting,
        choose=choose,
        cancel=task.cancel,
    )
