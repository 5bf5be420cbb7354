"""
Choosing memories for a question.

Reads the store's two indexes and fuses their rankings; makes no model call but the embedding of the
query. Knows nothing of prompts, conversations or who is asking: the gate has its own module.
"""

from collections import defaultdict
from collections.abc import Collection, Sequence
from dataclasses import dataclass
from typing import Protocol

from homeward.ports import Embedder, Vector
from homeward_store import Hit, Memory, MemoryId, Space


@dataclass(frozen=True, slots=True)
class RecallProfile:
    """Named settings of recall, each number with its reason."""

    max_memories: int = 2  # SmolLM2-135M answers 9 of 12 with two, 5 with three (docs/log.md)
    max_tokens: int = 350  # of a turn; beyond it small models lose the question
    candidates: int = 100  # read from each index before fusion
    rrf_constant: int = 60  # Cormack et al. 2009
    min_similarity: float = 0.25  # cosine below which MiniLM pairs share no topic


DEFAULT = RecallProfile()


@dataclass(frozen=True, slots=True)
class Recalled:
    """A memory that was chosen, and its fused score (comparable within one question only)."""

    memory: Memory
    score: float


class MemoryIndex(Protocol):
    """The part of the store's memories that recall reads."""

    def match(self, query: str, *, limit: int) -> list[Hit]:
        """Return the best memories by words, best first."""
        ...

    def nearest(self, vector: Vector, *, space: Space, limit: int) -> list[Hit]:
        """Return the nearest memories by cosine similarity, best first."""
        ...

    def get(self, ids: Sequence[MemoryId]) -> list[Memory]:
        """Return the memories with `ids`, in that order, without those that are gone."""
        ...


def fuse(rankings: Sequence[Sequence[Hit]], *, constant: int) -> list[Hit]:
    """
    Return one ranking out of several by reciprocal rank fusion, best first; ties by newest id.

    Source:
        Cormack, Clarke, Buettcher 2009, "Reciprocal rank fusion outperforms Condorcet".
    """
    scores: defaultdict[MemoryId, float] = defaultdict(float)
    for ranking in rankings:
        for rank, hit in enumerate(ranking, start=1):
            scores[hit.memory] += 1.0 / (constant + rank)
    ordered = sorted(scores.items(), key=lambda item: (-item[1], -item[0]))
    return [Hit(memory, score) for memory, score in ordered]


class Recall:
    """Finds memories in one profile with one embedder."""

    def __init__(
        self, index: MemoryIndex, embedder: Embedder, profile: RecallProfile = DEFAULT
    ) -> None:
        self._index = index
        self._embedder = embedder
        self.profile = profile
        self.space = Space(embedder.sha256, embedder.dims)

    def rank(self, question: str, *, limit: int) -> list[Hit]:
        """Return every candidate for `question` in order, relevant or not."""
        [vector] = self._embedder.embed([question])
        words, near = self._candidates(question, vector)
        return fuse([words, near], constant=self.profile.rrf_constant)[:limit]

    def find(self, question: str, *, exclude: Collection[MemoryId] = ()) -> list[Recalled]:
        """
        Return the memories that are worth quoting for `question`, best first; often none.

        A candidate has to be similar in meaning: one shared word is not a reason to quote, and a
        memory that does not belong makes a small model answer worse than none.
        """
        [vector] = self._embedder.embed([question])
        words, near = self._candidates(question, vector)
        similar = {hit.memory for hit in near if hit.score >= self.profile.min_similarity}
        chosen = [
            hit
            for hit in fuse([words, near], constant=self.profile.rrf_constant)
            if hit.memory in similar and hit.memory not in exclude
        ][: self.profile.max_memories]
        scores = {hit.memory: hit.score for hit in chosen}
        found = self._index.get([hit.memory for hit in chosen])
        return [Recalled(memory, scores[memory.id]) for memory in found]

    def embed(self, texts: Sequence[str]) -> Vector:
        """Embed texts that are to become memories: (len(texts), dims) float32."""
        return self._embedder.embed(texts)

    def _candidates(self, question: str, vector: Vector) -> tuple[list[Hit], list[Hit]]:
        limit = self.profile.candidates
        return (
            self._index.match(question, limit=limit),
            self._index.nearest(vector, space=self.space, limit=limit),
        )
