"""
Turning what the person gave into memories: spans of it, embedded, linked to their source.

Verbatim only, and no model call but the embedding. Replies of the model and recalled text are never
taken in, so nothing the model made up comes back as something the person said.
"""

from collections.abc import Sequence
from datetime import datetime

from homeward.recall import Recall
from homeward.spans import TextSpan, passages, statements
from homeward_store import (
    Choice,
    ChoiceSource,
    Memory,
    MemoryDraft,
    Note,
    SourceKind,
    Span,
    Turn,
    Writing,
)
from homeward_store.memories import Memories


class Remembering:
    """Writes memories into one profile with one embedder."""

    def __init__(self, memories: Memories, recall: Recall) -> None:
        self._memories = memories
        self._recall = recall

    def note(self, note: Note) -> list[Memory]:
        """Remember a note, every word of it."""
        return self._keep(
            note.text, passages(note.text), SourceKind.NOTE, note.id, said_at=note.noted_at
        )

    def writing(self, writing: Writing) -> list[Memory]:
        """Remember a writing by its paragraphs."""
        said_at = writing.written_at or writing.added_at
        spans = passages(writing.text)
        return self._keep(writing.text, spans, SourceKind.WRITING, writing.id, said_at=said_at)

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
        """Remember what the person stated in a turn; the turn before it is its context."""
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
    ) -> list[Memory]:
        if not spans:
            return []
        texts = [text[span.start : span.end] for span in spans]
        vectors = self._recall.embed(texts)
        return self._memories.add(
            [
                MemoryDraft(
                    text=one,
                    source=Span(kind, source, span.start, span.end),
                    said_at=said_at,
                    context=context,
                    context_source=context_source,
                    vector=vector,
                    space=self._recall.space,
                )
                for one, span, vector in zip(texts, spans, vectors, strict=True)
            ]
        )
