"""Embeds text without weights: words are hashed to directions."""

import hashlib
from collections.abc import Sequence

import numpy as np

from homeward.ports import SimilarityScale, Vector
from homeward_store.words import folding
from homeward_store.words.forms import pairs


class HashEmbedder:
    """
    An `Embedder` that adds up one pseudo-random direction a word.

    Texts that share words lie close, others are near to orthogonal: enough to test recall with.
    """

    def __init__(self, *, dims: int = 64) -> None:
        self._dims = dims

    @property
    def sha256(self) -> str:
        """Identity of the vectors: they depend on the number of dimensions only."""
        return hashlib.sha256(f"hash embedder {self._dims}".encode()).hexdigest()

    @property
    def dims(self) -> int:
        """Length of a vector."""
        return self._dims

    @property
    def similarity(self) -> SimilarityScale:
        """Cosines are taken as they are."""
        return SimilarityScale()

    def embed(self, texts: Sequence[str], *, asking: bool = False) -> Vector:  # noqa: ARG002
        """One row per text: (len(texts), dims) float32; questions are embedded like memories."""
        rows = np.zeros((len(texts), self._dims), dtype=np.float32)
        for at, text in enumerate(texts):
            found = folding.find_words(folding.parted(text.casefold()))
            words = [one for word in found for one in _compared(word)] or [""]
            rows[at] = np.sum([self._direction(word) for word in words], axis=0)
        lengths: Vector = np.linalg.norm(rows, axis=1, keepdims=True)
        return rows / lengths

    def _direction(self, word: str) -> Vector:
        seed = int.from_bytes(hashlib.sha256(word.encode("utf-8", "replace")).digest()[:8])
        return np.random.default_rng(seed).standard_normal(self._dims).astype(np.float32)


def _compared(word: str) -> list[str]:
    return pairs(folding.signs(word)) if folding.runs_on(word) else [word]
