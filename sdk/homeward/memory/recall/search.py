"""
Searches memories: queries the store's two indexes, ranks the hits and may return nothing.

Makes no model call but the embedding of the query. Knows nothing of prompts, conversations or who
is asking: the gate has its own module.
"""

from collections.abc import Callable, Collection, Sequence
from dataclasses import dataclass, replace
from itertools import islice
from typing import Protocol

import numpy as np
from numpy.typing import NDArray

from homeward.memory.recall import query_debiasing
from homeward.memory.recall.confidence import confidence
from homeward.memory.recall.feature_weights import weights_for
from homeward.memory.recall.features import ALIKE, Candidate, signals
from homeward.memory.recall.query import Query, parse_query
from homeward.memory.recall.recency import newest_first
from homeward.ports import Embedder, SimilarityScale, Vector
from homeward_store import Hit, Memory, MemoryId, Space


@dataclass(frozen=True, slots=True)
class RecallProfile:
    """Named settings of recall, each number with its reason."""

    # Behind the best; a memory further behind is 20 times less likely to hold the answer. Shown an
    # unneeded second one, SmolLM2-135M answers 41 of 50 and 47 without it (docs/log.md).
    max_gap: float = 3.0
    # Taken off the memory that was told just before a question that refers back to it. With 2 to 4
    # the right one comes first for 31 or 32 of 36 such questions, for 25 with none (docs/log.md).
    told_before: float = 3.0
    candidates: int = 200  # read from each index
    weighed: int = 100  # best candidates of the two together that are read and weighed
    meaning_weight: float = 2.0  # of a cosine against a BM25 share, for choosing what is weighed
    min_similarity: float = 0.25  # below which pairs share no topic: MiniLM's cosine
    # Below it nothing is quoted: silences at most 2.3 % of the questions that have an answer and 23
    # to 28 % of those that have none (docs/log.md). Zero: recall is never silent for this reason.
    least_confidence: float = 0.2


DEFAULT = RecallProfile()


@dataclass(frozen=True, slots=True)
class Match:
    """A memory that was found, and its score (comparable within one question only)."""

    memory: Memory
    score: float
    similar: bool = True  # in meaning, to the question


@dataclass(frozen=True, slots=True)
class Ranking:
    """Candidates in order, and how sure recall is that the answer is among the first of them."""

    found: tuple[Match, ...]
    confidence: float  # in 0..1; known to mean something only where there are enough candidates


@dataclass(frozen=True, slots=True)
class Preceding:
    """
    What a question refers back to: its words, and the memory that its reply was told from.

    Without `told`, nothing is known of where the reply came from.
    """

    text: str
    told: MemoryId | None = None


class MemoryIndex(Protocol):
    """The part of the store's memories that recall reads."""

    def match(self, query: str, *, limit: int) -> list[Hit]:
        """Return the best memories by words, best first."""
        ...

    def nearest(self, vector: Vector, *, space: Space, limit: int) -> list[Hit]:
        """
        Return the nearest memories by cosine similarity, best first.

        Shapes:
            vector: (space.dims,) float32.
        """
        ...

    def get(self, ids: Sequence[MemoryId]) -> list[Memory]:
        """Return the memories with `ids`, in that order, without those that are gone."""
        ...

    def vectors_of(self, ids: Sequence[MemoryId], *, space: Space) -> tuple[list[MemoryId], Vector]:
        """Return those of `ids` that have a vector, and the vectors: (n, space.dims)."""
        ...


class Recall:
    """Finds memories in one profile with one embedder."""

    def __init__(
        self, index: MemoryIndex, embedder: Embedder, profile: RecallProfile = DEFAULT
    ) -> None:
        self._index = index
        self._embedder = embedder
        self.profile = profile
        self.space = Space(embedder.sha256, embedder.dims)
        self._taken: dict[tuple[str, ...], NDArray[np.float32]] = {}  # by form, once it is asked

    def rank(self, question: str, *, limit: int) -> Ranking:
        """Return the candidates for `question` in order, relevant or not."""
        asked = parse_query(question)
        candidates = self.candidates(asked)
        seen = signals(asked, candidates, alike=self._embedder.similarity.cosine(ALIKE))
        scores = seen @ weights_for(candidates)
        order = sorted(
            range(len(candidates)), key=lambda at: (-scores[at], -candidates[at].memory.id)
        )
        ranked = newest_first(asked, [candidates[at] for at in order])
        found = [
            Match(one.memory, float(scores[at]), similar=one.similar)
            for one, at in zip(ranked, order, strict=True)
        ]
        return Ranking(
            found=tuple(found[:limit]),
            confidence=confidence(seen[order], scores[order], candidates),
        )

    def find(
        self,
        question: str,
        *,
        limit: int,
        after: Preceding | None = None,
        exclude: Collection[MemoryId] = (),
        admits: Callable[[Memory], bool] = lambda _: True,
    ) -> list[Match]:
        """
        Return at most `limit` memories worth quoting for `question`, best first; often none.

        `after`: what it refers back to. `admits` is asked about one after another, until there are
        enough.

        A candidate has to be similar in meaning: one shared word is not a reason to quote, and a
        memory that does not belong makes a small model answer worse than none; so does one that
        lies far behind the best. Where there are many candidates and it is unlikely that the answer
        is among the best, nothing is returned.
        """
        asked = [question] if after is None else [question, f"{after.text} {question}"]
        rankings = [self.rank(one, limit=self.profile.weighed) for one in asked]
        if all(map(self._is_unsure, rankings)):
            return []
        found = rankings[0].found if after is None else self._together(rankings, after)
        worth = (
            one
            for one in found
            if one.similar and one.memory.id not in exclude and admits(one.memory)
        )
        best = list(islice(worth, limit))
        return [one for one in best if one.score >= best[0].score - self.profile.max_gap]

    def get(self, ids: Sequence[MemoryId]) -> list[Memory]:
        """Return the memories with `ids`, in that order, without those that are gone."""
        return self._index.get(ids)

    def _together(self, rankings: Sequence[Ranking], after: Preceding) -> list[Match]:
        """
        Return the candidates of two rankings in the order of their scores' sum, best first.

        A score is a logarithm of odds, so those of two questions add up. What was told just now is
        rarely asked for at once again, and is the nearest to its own words.
        """
        added: dict[MemoryId, Match] = {}
        floors = [min((one.score for one in each.found), default=0.0) for each in rankings]
        for each, floor in zip(rankings, floors, strict=True):
            for one in each.found:
                before = added.get(one.memory.id, replace(one, score=sum(floors), similar=False))
                added[one.memory.id] = replace(
                    one,
                    score=before.score + one.score - floor,
                    similar=before.similar or one.similar,
                )
        if (told := added.get(after.told) if after.told is not None else None) is not None:
            added[told.memory.id] = replace(told, score=told.score - self.profile.told_before)
        return sorted(added.values(), key=lambda one: (-one.score, -one.memory.id))

    def _is_unsure(self, ranking: Ranking) -> bool:
        # In a small profile the right memory for "Where does my sister live?" has .14: confidence
        # was learned on corpora that fill the list of candidates, and is believed only there.
        enough = len(ranking.found) == self.profile.weighed
        return enough and ranking.confidence < self.profile.least_confidence

    def embed(self, texts: Sequence[str]) -> Vector:
        """Embed texts that are to become memories: (len(texts), dims) float32."""
        return self._embedder.embed(texts)

    @property
    def similarity(self) -> SimilarityScale:
        """What the cosine of two memories means."""
        return self._embedder.similarity

    def candidates(self, question: Query) -> list[Candidate]:
        """Return what the two indexes find for `question`, the best of them, not yet weighed."""
        limit = self.profile.candidates
        telling = query_debiasing.content_words(question)
        words = {hit.memory: hit.score for hit in self._index.match(telling, limit=limit)}
        near = self._index.nearest(self._sought(question), space=self.space, limit=limit)
        similarity = self._embedder.similarity.of
        meanings = {hit.memory: similarity(hit.score) for hit in near}
        best = max(words.values(), default=0.0)
        shares = {one: score / best if best > 0 else 0.0 for one, score in words.items()}
        # What the vector search left out lies below everything it returned.
        floor = similarity(near[-1].score) if len(near) == limit else 0.0

        def fused(one: MemoryId) -> tuple[float, int]:
            meaning = meanings.get(one, floor)
            return shares.get(one, 0.0) + self.profile.meaning_weight * meaning, one

        chosen = sorted({*words, *meanings}, key=fused, reverse=True)[: self.profile.weighed]
        vectors = dict(zip(*self._index.vectors_of(chosen, space=self.space), strict=True))
        return [
            Candidate(
                memory,
                shares.get(memory.id, 0.0),
                meanings.get(memory.id, floor),
                similar=meanings.get(memory.id, -1.0) >= self.profile.min_similarity,
                vector=vectors.get(memory.id),
            )
            for memory in self._index.get(chosen)
        ]

    def _sought(self, question: Query) -> Vector:
        """Return the vector of what `question` is about, without the manner of asking."""
        [vector] = self._embedder.embed([question.text], asking=True)
        forms = query_debiasing.request_forms(question)
        return query_debiasing.project_out(vector, self._directions(forms)) if forms else vector

    def _directions(self, forms: tuple[str, ...]) -> NDArray[np.float32]:
        if forms not in self._taken:
            self._taken[forms] = query_debiasing.directions(
                self._embedder.embed(forms, asking=True)
            )
        return self._taken[forms]
