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
    candidates: int = 200  # read from each index before fusion
    meaning_weight: float = 3.0  # of a cosine against a BM25 share; 3 serves BEAM, 0.5 LoCoMo
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


def fuse(words: Sequence[Hit], near: Sequence[Hit], *, meaning_weight: float) -> list[Hit]:
    """
    Return one ranking out of two, best first; ties by newest id.

    The score is BM25 as a share of the best BM25 score, plus `meaning_weight` times the cosine. It
    keeps how much better one hit is than the next, which ranks alone lose: on LoCoMo and BEAM it
    finds more than reciprocal rank fusion does (docs/log.md).

    Source:
        Bruch, Gai, Ingber 2023, arXiv:2210.11934 (convex combination of normalized scores).
    """
    scores: defaultdict[MemoryId, float] = defaultdict(float)
    best = max((hit.score for hit in words), default=0.0)
    for hit in words:
        scores[hit.memory] += hit.score / best if best > 0 else 0.0
    for hit in near:
        scores[hit.memory] += meaning_weight * hit.score
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
        return fuse(words, near, meaning_weight=self.profile.meaning_weight)[:limit]

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
            for hit in fuse(words, near, meaning_weight=self.profile.meaning_weight)
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
