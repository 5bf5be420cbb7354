"""
Turns the person's texts into memories: embedded spans, linked to their source.

Verbatim only, and no model call but the embedding. Replies of the model and recalled text are never
taken in, so nothing the model made up comes back as something the person said.
"""

from collections.abc import Callable, Collection, Iterator, Sequence
from dataclasses import replace
from datetime import datetime, timedelta

from homeward.memory.copying import likely, pasted, weakest
from homeward.memory.facts import Fact
from homeward.memory.recall import Recall
from homeward.memory.superseding import repeats, supersedes
from homeward.memory.unremembered import Reason, Remembered, Unremembered
from homeward.policy.exclusions import mentions_any, opts_out_of_memory
from homeward.policy.gate import UNREVIEWED
from homeward.policy.secrets import contains_secret
from homeward.policy.sensitivity import Sensitivity
from homeward.text.spans import TextSpan, passages, sentences, statements
from homeward.text.wording import Said, said
from homeward_store import (
    Choice,
    ChoiceSource,
    Hit,
    Memory,
    MemoryDraft,
    Note,
    Origin,
    SourceKind,
    Span,
    Turn,
    Vector,
    Writing,
)
from homeward_store.repositories.memories import Memories

_OWN_WORDS = (SourceKind.TURN, SourceKind.NOTE)  # what the person states; a writing tells stories
_TELLING = timedelta(hours=1)  # from a question to the memory of it: as long as a slow reply takes
_ALIKE = 10  # nearest memories, and best by words, that a new one is held against

Alike = list[tuple[Memory, float]]  # memories and their cosine
Visible = Callable[[Memory], bool]


class MemoryWriter:
    """Writes memories into one profile with one embedder."""

    def __init__(
        self,
        memories: Memories,
        recall: Recall,
        sensitivity: Sensitivity,
        *,
        denied_topics: Callable[[], Sequence[str]] = tuple,
        review: Callable[[], bool] = bool,
        written: Callable[[list[Memory]], None] = lambda _: None,
    ) -> None:
        self._written = written
        self._memories = memories
        self._recall = recall
        self._sensitivity = sensitivity
        self._denied_topics = denied_topics  # asked anew each time, like `review`
        self._review = review

    def note(
        self, note: Note, *, origin: Origin = Origin.PERSON, tags: Collection[str] = ()
    ) -> Remembered:
        """
        Remember a note, every word of it, with `tags` beside those of its words.

        Guarantees:
            Nothing of a note that says it is not to be kept.
        """
        if opts_out_of_memory(note.text):
            return _unwanted(SourceKind.NOTE, note.id, note.text)
        return self._keep(
            note.text,
            passages(note.text),
            SourceKind.NOTE,
            note.id,
            said_at=note.noted_at,
            origin=origin,
            tags=tuple(set(tags) - {UNREVIEWED}),
        )

    def writing(
        self, writing: Writing, *, visible: Visible | None = None, tags: Collection[str] = ()
    ) -> Remembered:
        """
        Remember a writing by its paragraphs, but for those that say they are not to be kept.

        `visible`: which memories whoever gave it may be told of; None: all. Others are not known.
        """
        said_at = writing.written_at or writing.added_at
        spans = passages(writing.text)
        return self._keep(
            writing.text,
            spans,
            SourceKind.WRITING,
            writing.id,
            said_at=said_at,
            origin=writing.origin,
            visible=visible,
            tags=tuple(set(tags) - {UNREVIEWED}),
        )

    def choice(self, choice: Choice, *, tags: Collection[str] = ()) -> Remembered:
        """
        Remember a reply that the person chose by its words, found again through what was asked.

        It comes from whom the choice says, and carries `tags` beside those of its words.

        A rating or a retry says that they liked how the model put it, not that it is so: what the
        model made up does not become something that is known.
        """
        if choice.source not in (ChoiceSource.EXPLICIT, ChoiceSource.EDIT):
            return Remembered((SourceKind.CHOICE, choice.id))
        asked = Span(SourceKind.CHOICE, choice.id, 0, 0)
        return self._keep(
            choice.chosen,
            passages(choice.chosen),
            SourceKind.CHOICE,
            choice.id,
            said_at=choice.chosen_at,
            context=choice.prompt,
            context_source=asked,
            origin=choice.origin,
            tags=tuple(set(tags) - {UNREVIEWED}),
        )

    def turn(self, turn: Turn, *, previous: Turn | None) -> Remembered:
        """
        Remember what the person stated in a turn; the turn before it is its context.

        Guarantees:
            Nothing of a turn that says it is not to be kept.
        """
        if opts_out_of_memory(turn.asked):
            return _unwanted(SourceKind.TURN, turn.id, turn.asked)
        if previous and (contains_secret(previous.asked) or opts_out_of_memory(previous.asked)):
            previous = None
        before = previous.asked if previous else ""
        stated = self._keep(
            turn.asked,
            statements(turn.asked),
            SourceKind.TURN,
            turn.id,
            said_at=turn.asked_at,
            context=before,
            context_source=Span(SourceKind.TURN, previous.id, 0, len(before)) if previous else None,
        )
        return replace(stated, unremembered=(*stated.unremembered, *_unstated(turn)))

    def derived(self, turn: Turn, facts: Sequence[Fact]) -> list[Memory]:
        """
        Remember what a model read out of a turn, as the assistant's words.

        Guarantees:
            Nothing of a turn that says it is not to be kept. Every memory names the words of the
            turn that it was read from.
        """
        if opts_out_of_memory(turn.asked):
            return []
        said_there = self._memories.of(SourceKind.TURN, turn.id)
        return self._add(
            [
                MemoryDraft(
                    text=fact.text,
                    source=Span(SourceKind.TURN, turn.id, fact.quoted.start, fact.quoted.end),
                    said_at=turn.asked_at,
                    origin=Origin.ASSISTANT,
                    tags=_tags_of(said_there, fact.quoted),
                )
                for fact in facts
                if self.refused(fact.text) is None
            ]
        )

    def _keep(
        self,
        text: str,
        spans: Sequence[TextSpan],
        kind: SourceKind,
        source: int,
        *,
        said_at: datetime,
        context: str = "",
        context_source: Span | None = None,
        origin: Origin = Origin.PERSON,
        visible: Visible | None = None,
        tags: tuple[str, ...] = (),
    ) -> Remembered:
        texts = [text[span.start : span.end] for span in spans]
        drafts = [
            MemoryDraft(
                text=one,
                source=Span(kind, source, span.start, span.end),
                said_at=said_at,
                context=context,
                context_source=context_source,
                origin=origin,
                tags=tags,
            )
            for one, span in zip(texts, spans, strict=True)
        ]
        refused = {one.source: reason for one in drafts if (reason := self._left_out(one))}
        made = self._add([draft for draft in drafts if draft.source not in refused], visible)
        known = [draft.source for draft in drafts if draft.source not in refused]
        left = refused | dict.fromkeys(set(known) - {one.source for one in made}, Reason.KNOWN)
        unremembered = [
            Unremembered(left[one.source], one.source) for one in drafts if one.source in left
        ]
        return Remembered((kind, source), tuple(made), tuple(unremembered))

    def _add(self, kept: Sequence[MemoryDraft], visible: Visible | None = None) -> list[Memory]:
        """Add what is new of what may be kept, with its vector and its tags."""
        if not kept:
            return []
        matching = [likely(self._memories, draft.text) for draft in kept]
        kept = [self._as_whose(*one) for one in zip(kept, matching, strict=True)]
        vectors = self._recall.embed([draft.text for draft in kept])
        tags = self._sensitivity.tags([draft.text for draft in kept], vectors)
        new: dict[Said, tuple[MemoryDraft, Alike]] = {}
        for draft, hits, vector, carried in zip(kept, matching, vectors, tags, strict=True):
            alike = self._alike(hits, vector)
            known = [one for one, _ in alike if visible is None or visible(one)]
            if said(draft.text) not in new and not _is_known(draft, known):
                new[said(draft.text)] = (self._whole(draft, vector, carried), alike)
        added = self._memories.add([draft for draft, _ in new.values()])
        for memory, (_, alike) in zip(added, new.values(), strict=True):
            self._supersede(memory, alike)
        if added:
            self._written(added)
        return added

    def _whole(self, draft: MemoryDraft, vector: Vector, tags: tuple[str, ...]) -> MemoryDraft:
        waits = draft.source.kind is SourceKind.TURN and self._review()
        tags = (*draft.tags, *tags, *((UNREVIEWED,) if waits else ()))
        return replace(draft, vector=vector, space=self._recall.space, tags=tags)

    def confirm(self, memory: Memory) -> None:
        """Take a memory from the person's review into what may be recalled."""
        tags = tuple(tag for tag in memory.tags if tag != UNREVIEWED)
        self._memories.retag(memory.id, tags)
        [vector] = self._recall.embed([memory.text])
        alike = self._alike(likely(self._memories, memory.text), vector)
        self._supersede(replace(memory, tags=tags), alike)

    def _supersede(self, memory: Memory, alike: Alike) -> None:
        """Of `memory` and another that cannot both be true, mark the one that was said earlier."""
        for other, similarity in alike:
            if other.id == memory.id or not (_is_statement(memory) and _is_statement(other)):
                continue
            older, newer = _in_order(memory, other)
            if supersedes(newer.text, older.text, similarity=similarity):
                self._memories.supersede(older.id, by=newer.id, at=newer.said_at)

    def _alike(self, matching: Sequence[Hit], vector: Vector) -> Alike:
        """Return the memories nearest in meaning and the best `matching`, with their similarity."""
        near = self._memories.nearest(vector, space=self._recall.space, limit=_ALIKE)
        similarity = {hit.memory: self._recall.similarity.of(hit.score) for hit in near}
        by_words = [hit.memory for hit in matching[:_ALIKE]]
        found = self._memories.get(list({*similarity, *by_words}))
        return [(memory, similarity.get(memory.id, 0.0)) for memory in found]

    def _as_whose(self, draft: MemoryDraft, matching: Sequence[Hit]) -> MemoryDraft:
        """Return a draft of the person's with the origin and the tags of words that it copies."""
        if draft.origin is not Origin.PERSON or draft.source.kind is SourceKind.CHOICE:
            return draft
        others = pasted(self._memories, draft.text, among=matching)
        tags = {tag for one in others for tag in one.tags} - {UNREVIEWED}
        origin = weakest(one.origin for one in others)
        return replace(draft, origin=origin, tags=(*draft.tags, *sorted(tags)))

    def _left_out(self, draft: MemoryDraft) -> Reason | None:
        if draft.origin is Origin.PERSON and opts_out_of_memory(draft.text):
            return Reason.UNWANTED  # in a document it is an order to somebody else
        return self.refused(draft.text)

    def not_learned(self, text: str) -> object:
        """Return what keeps a text of the person from being learned from, if anything does."""
        kept_out = self.refused(text) or opts_out_of_memory(text)
        return kept_out or pasted(self._memories, text)

    def refused(self, text: str) -> Reason | None:
        """Return why `text` is never remembered, if it is not."""
        if contains_secret(text):
            return Reason.SECRET
        return Reason.DENIED if mentions_any(text, self._denied_topics()) else None


def _unwanted(kind: SourceKind, source: int, text: str) -> Remembered:
    whole = Unremembered(Reason.UNWANTED, Span(kind, source, 0, len(text)))
    return Remembered((kind, source), unremembered=(whole,))


def _unstated(turn: Turn) -> Iterator[Unremembered]:
    for one in sentences(turn.asked):
        words = turn.asked[one.start : one.end]
        if words and not statements(words):
            span = Span(SourceKind.TURN, turn.id, one.start, one.end)
            yield Unremembered(Reason.NO_STATEMENT, span)


def _tags_of(memories: Sequence[Memory], span: TextSpan) -> tuple[str, ...]:
    """Return the tags of the memories that stand where a fact was read; it is no less private."""
    there = (one for one in memories if span.start < one.source.end and one.source.start < span.end)
    return tuple({tag for one in there for tag in one.tags})


def _is_known(draft: MemoryDraft, known: Sequence[Memory]) -> bool:
    """Return whether a memory of as much trust, and still true, says the same."""
    return any(
        other.superseded_by is None
        and other.origin in (Origin.PERSON, draft.origin)
        and repeats(draft.text, other.text)
        for other in known
    )


def _in_order(one: Memory, other: Memory) -> tuple[Memory, Memory]:
    """
    Return the memory that was said first, then the one that was said later.

    What was told directly was said when it was stored, so the numbers of the two decide, even where
    the clock was set back in between. What was imported goes by its date, never one to come.
    """
    before, after = sorted((one, other), key=lambda memory: memory.id)
    told_directly = abs(after.learned_at - after.said_at) < _TELLING
    if not told_directly and min(after.said_at, after.learned_at) < before.said_at:
        before, after = after, before
    return before, after


def _is_statement(memory: Memory) -> bool:
    """Return whether the person stated it, it is still true, and they need not see it first."""
    return (
        memory.origin is Origin.PERSON
        and memory.source.kind in _OWN_WORDS
        and memory.superseded_by is None
        and UNREVIEWED not in memory.tags
    )
