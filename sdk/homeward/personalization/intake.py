"""Stores what the person gives, with its memories: notes, texts, choices, tool results."""

from collections.abc import Callable

from homeward.memory.unremembered import Original, Remembered, originals
from homeward.memory.writer import MemoryWriter
from homeward.personalization.choice_origin import Standing, standing_of, turn_of
from homeward.text.limits import NOTE
from homeward_store import Choice, ChoiceSource, Memory, Origin, Profile, TurnId


class Intake:
    """Each method stores a record and its memories in one transaction."""

    def __init__(
        self,
        profile: Profile,
        writer: Callable[[], MemoryWriter],
        *,
        changed: Callable[[], None],
    ) -> None:
        self._profile = profile
        self._written_by = writer  # not made before it is needed, since it loads the embedder
        self._changed = changed  # told of each choice, since taste is learned from it

    @property
    def _writer(self) -> MemoryWriter:
        return self._written_by()

    def note(self, text: str) -> Remembered:
        """Store a note; a reply that is given back as one stays what it was built on."""
        standing = self._said_before(NOTE.check(text))
        with self._profile.transaction():
            note = self._profile.notes.add(text)
            return self._writer.note(note, origin=standing.origin, tags=standing.tags)

    def writing(
        self,
        text: str,
        *,
        title: str | None,
        origin: Origin,
        visible: Callable[[Memory], bool] | None = None,
    ) -> Remembered:
        """Store a text; only memories that are `visible` count as known already."""
        standing = self._said_before(text) if origin is Origin.PERSON else Standing(origin)
        with self._profile.transaction():
            writing = self._profile.writings.add(text, title=title, origin=standing.origin)
            return self._writer.writing(writing, visible=visible, tags=standing.tags)

    def tool_result(self, tool: str, result: str) -> list[Memory]:
        """Return the memories of a tool's result, or the existing ones if it is already known."""
        made = self.writing(result, title=tool, origin=Origin.TOOL) if result.strip() else ()
        if made:
            return list(made)
        hits = self._profile.memories.match(result, limit=3)
        found = self._profile.memories.get([hit.memory for hit in hits])
        return [one for one in found if one.origin is Origin.TOOL and one.text == result.strip()]

    def choice(
        self, prompt: str, chosen: str, rejected: str, *, source: ChoiceSource, turn: TurnId | None
    ) -> Choice:
        """Store a choice with the origin and the tags of what the chosen reply was built on."""
        if turn is None:
            turn = turn_of(self._profile, prompt, chosen, rejected)
        standing = standing_of(self._profile, chosen, rejected, turn=turn)
        with self._profile.transaction():
            choice = self._profile.choices.add(
                prompt, chosen, rejected, source=source, turn=turn, origin=standing.origin
            )
            self._writer.choice(choice, tags=standing.tags)
        self._changed()
        return choice

    def _said_before(self, text: str) -> Standing:
        """Return whose words a text is made of that was a reply."""
        return standing_of(self._profile, turn=turn_of(self._profile, "", text))

    def unremembered(self, *, limit: int | None) -> list[Original]:
        """Return the originals of which not all became memories, newest first."""
        return originals(self._profile, self._writer.refused, limit=limit)
