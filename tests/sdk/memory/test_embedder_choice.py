"""A person's memories get another embedder, whatever happens on the way."""

from collections.abc import Callable, Sequence
from dataclasses import replace

import pytest

from homeward.assistant import Assistant
from homeward.errors import ModelNotFound
from homeward.memory.embedder_choice import EmbedderChoice
from homeward.ports import Embedder, Vector
from homeward.testing import HashEmbedder
from homeward_store import Memory, NoteId, Selection, Space

OpenAssistant = Callable[[], Assistant]
NEW = HashEmbedder(dims=32)
SPACE = Space(NEW.sha256, NEW.dims)
FACTS = [f"My locker number {one} holds a key of brass." for one in range(70)]


class Killed(HashEmbedder):
    """The new embedder, interrupted after a number of calls."""

    def __init__(self, calls: int) -> None:
        super().__init__(dims=32)
        self.left = calls

    def embed(self, texts: Sequence[str], *, asking: bool = False) -> Vector:
        self.left -= 1
        if self.left < 0:
            raise KeyboardInterrupt
        return super().embed(texts, asking=asking)


def choice(me: Assistant, embedder: Embedder = NEW) -> EmbedderChoice:
    return EmbedderChoice(me.profile.settings, me.profile.memories, lambda _: embedder)


@pytest.fixture
def me(open_assistant: OpenAssistant) -> Assistant:
    me = open_assistant()
    for fact in FACTS:
        me.remember(fact)
    return me


def vectors(me: Assistant) -> int:
    return len(me.profile.memories.vectors(SPACE, newest=1000)[0])


def test_every_memory_gets_a_vector_and_progress_is_told(me: Assistant) -> None:
    told: list[tuple[int, int]] = []
    made = choice(me).change("new", progress=lambda done, total: told.append((done, total)))
    assert made == vectors(me) == me.profile.memories.count() == 70
    assert told == [(32, 70), (64, 70), (70, 70)]
    assert choice(me).name == "new"


def test_interrupted_it_keeps_the_old_choice_and_takes_up_where_it_stopped(me: Assistant) -> None:
    with pytest.raises(KeyboardInterrupt):
        choice(me, Killed(1)).change("new")
    assert choice(me).name is None
    assert vectors(me) == 32
    assert choice(me).change("new") == 38
    assert vectors(me) == 70


def test_the_old_embedder_answers_meanwhile(me: Assistant) -> None:
    answered: list[list[str]] = []

    def ask(_: int, __: int) -> None:
        found = me.recall("What does locker number 7 hold?")
        answered.append([one.memory.text for one in found])

    choice(me).change("new", progress=ask)
    assert len(answered) == 3
    assert all(FACTS[7] in found for found in answered)


def test_forgetting_reaches_the_vectors_of_both_embedders(me: Assistant) -> None:
    choice(me).change("new")
    [first, *_] = me.profile.memories.all()
    me.forget(first)
    assert vectors(me) == 69
    old = Space(me.embedder.sha256, me.embedder.dims)
    assert first.id not in me.profile.memories.vectors(old, newest=1000)[0]


def test_a_memory_that_is_forgotten_meanwhile_stops_nothing(me: Assistant) -> None:
    gone: list[Memory] = []

    class Forgetting(HashEmbedder):
        def embed(self, texts: Sequence[str], *, asking: bool = False) -> Vector:
            if not gone:
                gone.append(next(iter(me.profile.memories.all())))
                source = gone[0].source.id
                me.profile.forget(Selection(notes=(NoteId(source),)))
            return super().embed(texts, asking=asking)

    assert choice(me, Forgetting(dims=32)).change("new") == 69
    assert vectors(me) == me.profile.memories.count() == 69


def test_the_choice_is_used_from_the_next_opening_on(
    me: Assistant, open_assistant: OpenAssistant
) -> None:
    choice(me).change("new")
    me.remember("My sister lives in Porto.")
    me.close()
    again = open_assistant()
    wiring = again._wiring
    wiring.loaders = replace(wiring.loaders, embedder_named=lambda _: NEW)
    assert again.embedder.sha256 == NEW.sha256
    assert again.recall("Where does my sister live?")[0].memory.text == "My sister lives in Porto."
    assert vectors(again) == 71


def test_an_app_without_other_embedders_says_so(me: Assistant) -> None:
    with pytest.raises(ModelNotFound, match="e5-small"):
        me.embedding.change("e5-small")
