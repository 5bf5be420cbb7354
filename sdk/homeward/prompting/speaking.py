"""
Draws a reply from a session and tells the thoughts in it from the reply.

A thought is drawn first and on its own: to its end, or to as many tokens as it may have, after
which it is closed for the model. So a reply comes, however long the model would have thought.
"""

from collections.abc import Iterator, Sequence
from contextlib import suppress
from dataclasses import dataclass, replace
from threading import Event

from homeward.errors import Cancelled
from homeward.ports import LanguageModel, Segment, Session, Tokens
from homeward.prompting.chat_template import ChatTemplate, ThoughtTokens
from homeward.prompting.thoughts import Thought
from homeward.sampling import Sampling

Spoken = Iterator[str | Thought]


@dataclass(frozen=True, slots=True)
class Speaker:
    """A model that replies to what a session was fed, in its own chat template."""

    model: LanguageModel
    chat: ChatTemplate

    def reply(
        self,
        session: Session,
        segments: Sequence[Segment],
        sampling: Sampling,
        *,
        cancel: Event | None = None,
        said: Tokens = (),
        until: Tokens = (),
    ) -> Spoken:
        """
        Yield what the model thinks, and then its reply to `segments`, which were fed.

        `said` are the reply's first tokens where they are known, and then the end of what was fed.
        A reply ends at a token of `until`, if there is one.
        """
        marks, how = self.chat.thought, self.worded(sampling)
        if marks is None or how.grammar is not None:
            pieces = session.generate(how, cancel=cancel, said=said, until=until)
            yield from _without_margin(pieces) if self.chat.plain.space else pieces
        elif self.chat.thinks:
            most = replace(how, max_tokens=self._room(session, how, marks))
            yield from self._thought(session, segments, most, marks, cancel=cancel)
            yield from _without_margin(session.generate(how, cancel=cancel, until=until))
        else:
            yield from self._unasked(session, segments, how, marks, cancel=cancel, said=said)

    def after(self, segments: Sequence[Segment], *, thought: str, said: str) -> list[Segment]:
        """Return what the context holds once a thought and the beginning of a reply were drawn."""
        held, marks = list(segments), self.chat.thought
        if thought and marks is not None:
            opening = () if self.chat.thinks else marks.opening
            held.append(opening + self.model.tokenize(thought.rstrip()) + marks.closing)
        return [*held, self.model.tokenize(said)] if said else held

    def worded(self, sampling: Sampling) -> Sampling:
        """Return `sampling` with the texts at which a reply in this template is over."""
        return replace(sampling, stop=(*sampling.stop, *self.chat.plain.stop))

    def _room(self, session: Session, sampling: Sampling, marks: ThoughtTokens) -> int:
        """Return how long a thought may be: at most half of what is left, if that is scarce."""
        left = max(0, self.model.info.n_ctx - session.length - len(marks.closing))
        return min(sampling.thinking, left - min(sampling.max_tokens, left // 2))

    def _thought(
        self,
        session: Session,
        before: Sequence[Segment],
        sampling: Sampling,
        marks: ThoughtTokens,
        *,
        cancel: Event | None,
        begun: str = "",
    ) -> Iterator[Thought]:
        """Draw a thought, of which `begun` is there already, and lead over to the reply."""
        how = replace(sampling, stop=() if marks.end_token else (marks.end,))
        thought = begun
        for piece in session.generate(how, cancel=cancel, until=marks.end_token):
            thought += piece
            yield Thought(piece)
        yield Thought("", len(session.generated))
        if session.stopped_by != "cancel":
            tokens = self.model.tokenize(thought.rstrip()) + marks.closing
            with suppress(Cancelled):  # then nothing is drawn after it, either
                session.feed([*before, tokens], cancel=cancel)

    def _unasked(
        self,
        session: Session,
        segments: Sequence[Segment],
        sampling: Sampling,
        marks: ThoughtTokens,
        *,
        cancel: Event | None,
        said: Tokens,
    ) -> Spoken:
        """Draw a reply of a model that may think though it was not asked to."""
        pieces = session.generate(sampling, cancel=cancel, said=said, until=marks.begin_token)
        head = _until_told_apart(pieces, marks.begin)
        if not head.startswith(marks.begin):
            replied = head
            if head:
                yield head
            for piece in pieces:
                replied += piece
                yield piece
            if session.stopped_by != "until":
                return
            segments, head = [*segments, self.model.tokenize(replied)], marks.begin
        before = [*segments, marks.opening]
        begun = head.removeprefix(marks.begin)
        yield from self._thought(session, before, sampling, marks, cancel=cancel, begun=begun)
        yield from _without_margin(session.generate(sampling, cancel=cancel))


def _until_told_apart(pieces: Iterator[str], mark: str) -> str:
    """Return the beginning of a reply, as much as says whether it begins with `mark`."""
    head = ""
    for piece in pieces:
        head += piece
        if not mark.startswith(head.lstrip()):
            break
    return head.lstrip() if head.lstrip().startswith(mark) else head


def _without_margin(pieces: Iterator[str]) -> Iterator[str]:
    """Leave out white space before the first word."""
    for piece in pieces:
        if word := piece.lstrip():
            yield word
            break
    yield from pieces
