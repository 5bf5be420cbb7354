"""
Measures how near texts are to each tag in meaning, by the sentences of sentences.toml.

Knows vectors, not who embeds them. What the votes mean was measured for the embedding models that
calibrations.toml names; of any other nothing is known.
"""

import tomllib
from collections.abc import Sequence
from dataclasses import dataclass
from functools import cache
from importlib.resources import files
from typing import Any

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
        vectors: (sentences, dims), rows of unit length. shows: (sentences, len(TAGS)), 0 or 1.
    """

    vectors: Vector
    shows: NDArray[np.float32]
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
        shares: NDArray[np.float32] = votes @ self.shows / votes.sum(axis=1, keepdims=True)
        return shares


@cache
def sentences(*, by_language: bool = False) -> tuple[Sentence, ...]:
    """
    Return the sentences in the order of their files, which is that of the shipped vectors.

    `by_language`: with those of other languages than English, for models that know these.
    """
    groups = [_read("sentences.toml"), *_read("sentences_by_language.toml").values()]
    return tuple(
        Sentence(text, frozenset(key.split()) & frozenset(TAGS))
        for kept in (groups if by_language else groups[:1])
        for key, texts in kept.items()
        for text in texts
    )


def _read(name: str) -> dict[str, Any]:
    return tomllib.loads(_FILES.joinpath(name).read_text("utf-8"))


@cache
def calibration_for(embedder: str) -> Calibration | None:
    """Return what is known of the embedding model with this SHA-256; None: nothing."""
    kept = _read("calibrations.toml")["calibration"]
    found = next((one for one in kept if embedder in one["embedders"]), None)
    if found is None:
        return None
    with _FILES.joinpath(found["vectors"]).open("rb") as stream:
        vectors: Vector = np.load(stream, allow_pickle=False).astype(np.float32)
    shows = membership(sentences(by_language=found["by_language"]))
    return Calibration(vectors, shows, found["spread"], found["alone"], found["with_word"])


def membership(kept: Sequence[Sentence]) -> NDArray[np.float32]:
    """Return which sentence speaks for which tag: (len(kept), len(TAGS)), 0 or 1."""
    return np.array([[tag in one.shows for tag in TAGS] for one in kept], np.float32)
