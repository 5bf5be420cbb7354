"""
Turning what the person gave into memories: spans of it, embedded, linked to their source.

Verbatim only, and no model call but the embedding. Replies of the model and recalled text are never
taken in, so nothing the model made up comes back as something the person said.
"""

from collections.abc import Callable, Sequence
from datetime import datetime

from homeward.recall import Recall
from homeward.refusing import asks_not_to_keep, holds_secret, touches
from homeward.sensitive import tags_for
from homeward.spans import TextSpan, passages, statements
from homeward_store import (
    Choice,
    ChoiceSource,
    Memory,
    MemoryDraft,
    Note,
    Origin,
    SourceKind,
    Span,
    Turn,
    Writing,
)
from homeward_store.memories import Memories

_COMPARED = 3  # best matches by words; the same words match best


class Remembering:
    """Writes memories into one profile with one embedder."""

    def __init__(
        self,
        memories: Memories,
        recall: Recall,
        *,
        denied_topics: Sequence[str] = (),
        written: Callable[[list[Memory]], None] = lambda _: None,
    ) -> None:
        self._written = written
        self._memories = memories
        self._recall = recall
        self._denied_topics = denied_topics

    def note(self, note: Note) -> list[Memory]:
        """Remember a note, every word of it."""
        return self._keep(
            note.text, passages(note.text), SourceKind.NOTE, note.id, said_at=note.noted_at
        )

    def writing(self, writing: Writing) -> list[Memory]:
        """Remember a writing by its paragraphs."""
        said_at = writing.written_at or writing.added_at
        spans = passages(writing.text)
        return self._keep(
            writing.text,
            spans,
            SourceKind.WRITING,
            writing.id,
            said_at=said_at,
            origin=writing.origin,
        )

    def choice(self, choice: Choice) -> list[Memory]:
        """
        Remember a reply that the person chose by its words, found again through what was asked.

        A rating or a retry says that they liked how the model put it, not that it is so: what the
        model made up does not become something that is known.
        """
        if choice.source not in (ChoiceSource.EXPLICIT, ChoiceSource.EDIT):
            return []
        asked = Span(SourceKind.CHOICE, choice.id, 0, 0)
        return self._keep(
            choice.chosen,
            passages(choice.chosen),
            SourceKind.CHOICE,
            choice.id,
            said_at=choice.chosen_at,
            context=choice.prompt,
            context_source=asked,
        )

    def turn(self, turn: Turn, *, previous: Turn | None) -> list[Memory]:
        """
        Remember what the person stated in a turn; the turn before it is its context.

        Guarantees:
            Nothing of a turn that says it is not to be kept.
        """
        if asks_not_to_keep(turn.asked):
            return []
        if previous and (holds_secret(previous.asked) or asks_not_to_keep(previous.asked)):
            previous = None
        before = previous.asked if previous else ""
        return self._keep(
            turn.asked,
            statements(turn.asked),
            SourceKind.TURN,
            turn.id,
            said_at=turn.asked_at,
            context=before,
            context_source=Span(SourceKind.TURN, previous.id, 0, len(before)) if previous else None,
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
    ) -> list[Memory]:
        spans = [span for span in spans if self._may_keep(text[span.start : span.end])]
        if not spans:
            return []
        texts = [text[span.start : span.end] for span in spans]
        vectors = self._recall.embed(texts)
        made = self._memories.add(
            [
                MemoryDraft(
                    text=one,
                    source=Span(kind, source, span.start, span.end),
                    said_at=said_at,
                    context=context,
                    context_source=context_source,
                    vector=vector,
                    space=self._recall.space,
                    tags=tags_for(one),
                    origin=origin,
                )
                for one, span, vector in zip(texts, spans, vectors, strict=True)
            ]
        )
        self._written(made)
        return made

    def _may_keep(self, text: str) -> bool:
        return not (
            holds_secret(text) or touches(text, self._denied_topics) or self._is_known(text)
        )

    def _is_known(self, text: str) -> bool:
        """Return whether a memory says the same, but for case, spaces and the final stop."""
        said = _plain(text)
        alike = [hit.memory for hit in self._memories.match(text, limit=_COMPARED)]
        return any(_plain(memory.text) == said for memory in self._memories.get(alike))


def _plain(text: str) -> str:
    return " ".join(text.casefold().split()).rstrip(".! ")
