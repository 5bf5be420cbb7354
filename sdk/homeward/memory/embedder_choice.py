"""
Changes the embedder that a person's memories are compared with.

The choice is the person's and lies in the profile. Vectors of two embedders do not mix, so every
memory gets one by the new embedder before the choice is stored.
"""

from collections.abc import Callable, Sequence

from homeward.ports import Embedder
from homeward_store import Memory, NotFound, Space
from homeward_store.repositories.memories import Memories
from homeward_store.repositories.settings import SettingsRepository
from homeward_store.typed import doors

_KEY = "memories.embedder"
_BATCH = 32  # memories embedded at a time: what a kill costs, and how often progress is told

Told = Callable[[int, int], None]
"""Is told how many of how many memories that lacked a vector have one now."""


def _silent(_: int, __: int) -> None: ...


def chosen(settings: SettingsRepository) -> str | None:
    """Return the name of the embedder that the person chose; None: the app's."""
    name = settings.get(_KEY)
    return None if name is None else str(name)


@doors
class EmbedderChoice:
    """Which embedder a profile's memories are compared with."""

    def __init__(
        self,
        settings: SettingsRepository,
        memories: Memories,
        load: Callable[[str], Embedder],
    ) -> None:
        self._settings = settings
        self._memories = memories
        self._load = load

    @property
    def name(self) -> str | None:
        """The name of the embedder that the person chose; None: the app's."""
        return chosen(self._settings)

    def change(self, name: str, *, progress: Told = _silent) -> int:
        """
        Embed all memories by the embedder called `name`, and choose it; return how many it took.

        The assistant uses it from when it is next opened. May run on a thread of its own: the old
        embedder answers meanwhile.

        Guarantees:
            Interrupted at any point, the old choice stands, and the next call takes up where this
            one stopped. The old vectors stay, so that changing back takes only what was said since;
            forgetting erases both.

        Raises:
            ModelNotFound: it was not pulled. ModelCorrupt: it cannot be read.
        """
        embedded = embed_missing(self._memories, self._load(name), progress=progress)
        self._settings.put(_KEY, name)
        return embedded


def embed_missing(memories: Memories, embedder: Embedder, *, progress: Told = _silent) -> int:
    """Give every memory that lacks it a vector by `embedder`; return how many there were."""
    space = Space(embedder.sha256, embedder.dims)
    total = len(memories.without_vector(space, limit=memories.count()))
    embedded = 0
    while missing := memories.without_vector(space, limit=_BATCH):
        embedded += _embed(memories, memories.get(missing), embedder, space)
        progress(min(embedded, total), total)
    return embedded


def _embed(memories: Memories, rows: Sequence[Memory], embedder: Embedder, space: Space) -> int:
    vectors = embedder.embed([one.text for one in rows])
    pairs = [(one.id, vector) for one, vector in zip(rows, vectors, strict=True)]
    try:
        memories.embed(pairs, space=space)
    except NotFound:  # one was forgotten meanwhile: the others come again
        return 0
    return len(rows)
