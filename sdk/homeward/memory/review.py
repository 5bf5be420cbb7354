"""
Manages the review queue and the person's memory settings.

Kept in the profile's settings; the gate holds back what waits.
"""

from collections.abc import Callable, Sequence

from homeward.memory.writer import MemoryWriter
from homeward.policy.gate import UNREVIEWED
from homeward_store import Memory, MemoryId, NotFound
from homeward_store.repositories.memories import Memories
from homeward_store.repositories.settings import SettingsRepository
from homeward_store.typed import doors

_REVIEW, _DENIED = "memories.review", "memories.denied_topics"


@doors
class MemorySettings:
    """The person's memory settings. Until they decide, the app's defaults apply."""

    def __init__(
        self,
        settings: SettingsRepository,
        *,
        denied: Sequence[str] = (),
        changed: Callable[[], tuple[str, ...]] = tuple,
    ) -> None:
        self._settings = settings
        self._denied = tuple(denied)  # by the app
        self._changed = changed  # switches off what was learned of a topic; returns its names

    def review(self) -> bool:
        """Return whether what is said in conversations waits until the person has seen it."""
        return bool(self._settings.get(_REVIEW))

    def set_review(self, *, on: bool) -> None:
        """Set whether new memories wait for review. Waiting ones keep waiting."""
        self._settings.put(_REVIEW, on)

    def denied_topics(self) -> tuple[str, ...]:
        """Return words, or their beginnings; what names one is never remembered."""
        return (*self._denied, *(self._settings.get(_DENIED) or ()))

    def deny(self, *topics: str) -> tuple[str, ...]:
        """
        Replace the person's own denied topics; return what was switched off because of new ones.

        Memories that are there already stay. A learned style or taste whose sources mention a new
        topic is used no more until it is learned anew, which leaves those sources out, or until the
        person switches it on.
        """
        self._settings.put(_DENIED, [topic.strip() for topic in topics if topic.strip()])
        return self._changed()


@doors
class Review:
    """The memories that wait for the person."""

    def __init__(self, memories: Memories, remembering: MemoryWriter) -> None:
        self._memories = memories
        self._remembering = remembering

    def waiting(self) -> list[Memory]:
        """Return what waits, oldest first."""
        return self._memories.tagged(UNREVIEWED)

    def accept(self, memory: MemoryId) -> None:
        """
        Approve a memory, so that it can be recalled, and supersede what it replaces.

        Raises:
            NotFound: no such memory waits.
        """
        self._remembering.confirm(self._one(memory))

    def reject(self, memory: MemoryId) -> None:
        """
        Remove a memory that waits; the turn that it was taken from stays.

        Raises:
            NotFound: no such memory waits.
        """
        self._memories.drop(self._one(memory).id)

    def retag(self, memory: MemoryId, tags: Sequence[str]) -> None:
        """
        Replace the tags of a memory; only `accept` ends that it waits.

        Raises:
            NotFound: there is no such memory.
        """
        waits = any(UNREVIEWED in one.tags for one in self._memories.get([memory]))
        self._memories.retag(memory, (*tags, *((UNREVIEWED,) if waits else ())))

    def _one(self, memory: MemoryId) -> Memory:
        found = next((one for one in self.waiting() if one.id == memory), None)
        if found is None:
            raise NotFound(f"memory {memory} does not wait for review")
        return found
