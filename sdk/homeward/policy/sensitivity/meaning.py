"""
Measures how near texts are to each tag in meaning, by the sentences of sentences.toml.

Knows vectors, not who embeds them. What the votes mean was measured for the embedding models that
calibrations.toml names; of any other nothing is known.
"""

import tomllib
from dataclasses import dataclass
from functools import cache
from importlib.resources import files

import numpy as np
from numpy.typing import NDArray

from homeward.policy.sensitivity.words import TAGS
from homeward.ports import Vector

_FILES = files("homeward.policy.sensitivity")


@dataclass(frozen=True, slots=True)
class Sentence:
    """A sentence, and the tags that a text of its meaning has; none where it only looks so."""

    text: str
    shows: frozenset[str]


@dataclass(frozen=True, slots=True, eq=False)
class Calibration:
    """
    What one embedding model's vectors say of tags.

    Shapes:
        vectors: (sentences, dims), rows of unit length.
    """

    vectors: Vector
    spread: float  # a sentence's vote falls by e for this much less cosine
    alone: float  # share of the votes from which a tag needs no word
    with_word: float  # and from which a doubtful word is enough

    def shares(self, vectors: Vector) -> NDArray[np.float32]:
        """
        Return the share of the sentences' votes that each tag gets.

        Shapes:
            vectors: (n, dims), rows of unit length. Returns (n, len(TAGS)), each in 0..1.
        """
        votes = np.exp((vectors @ self.vectors.T - 1) / self.spread)
        shares: NDArray[np.float32] = votes @ _membership() / votes.sum(axis=1, keepdims=True)
        return shares


@cache
def sentences() -> tuple[Sentence, ...]:
    """Return the sentences in the order of their file, which is that of the shipped vectors."""
    kept = tomllib.loads(_FILES.joinpath("sentences.toml").read_text("utf-8"))
    return tuple(
        Sentence(text, frozenset(key.split()) & frozenset(TAGS))
        for key, texts in kept.items()
        for text in texts
    )


@cache
def calibration_for(embedder: str) -> Calibration | None:
    """Return what is known of the embedding model with this SHA-256; None: nothing."""
    kept = tomllib.loads(_FILES.joinpath("calibrations.toml").read_text("utf-8"))
    found = next((one for one in kept["calibration"] if embedder in one["embedders"]), None)
    if found is None:
        return None
    with _FILES.joinpath(found["vectors"]).open("rb") as stream:
        vectors: Vector = np.load(stream, allow_pickle=False).astype(np.float32)
    return Calibration(vectors, found["spread"], found["alone"], found["with_word"])


@cache
def _membership() -> NDArray[np.float32]:
    """Which sentence speaks for which tag: (sentences, len(TAGS)), 0 or 1."""
    return np.array([[tag in one.shows for tag in TAGS] for one in sentences()], np.float32)
