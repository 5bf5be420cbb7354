"""
What an embedding model expects of its texts, and what its cosines mean.

Lies beside the graph as `embedding.json`; a model without one is plain, as MiniLM is.
"""

import hashlib
import json
from dataclasses import dataclass, field
from pathlib import Path

import numpy as np

from homeward.errors import ModelCorrupt
from homeward.ports import SimilarityScale, Vector

NAME = "embedding.json"


@dataclass(frozen=True, slots=True, eq=False)
class SpaceCalibration:
    """
    What was measured of a model on the calibration sentences.

    Its vectors share a direction, which says nothing: `question_centre` and `memory_centre` are
    taken from them before their length is set to one.

    Shapes:
        question_centre, memory_centre: (dims,) float32.
    """

    question_centre: Vector
    memory_centre: Vector
    similarity: SimilarityScale
    sentences: str  # SHA-256 of the sentences, hex

    def centred(self, vectors: Vector, *, asking: bool) -> Vector:
        """
        Return unit vectors without what all of them share.

        Shapes:
            vectors: (n, dims) float32. Returns (n, dims) float32, rows of unit length.
        """
        moved = vectors - (self.question_centre if asking else self.memory_centre)
        length = np.linalg.norm(moved, axis=1, keepdims=True)
        return np.asarray(moved / np.maximum(length, 1e-12), np.float32)


@dataclass(frozen=True, slots=True, eq=False)
class EmbeddingDescription:
    """How a model is asked: what stands before a text, and how much of it is read."""

    question_prefix: str = ""
    memory_prefix: str = ""
    max_pieces: int = 256  # max_seq_length of all-MiniLM-L6-v2; the rest of a text is cut
    calibration: SpaceCalibration | None = field(default=None)

    @property
    def identity(self) -> tuple[str, ...]:
        """
        What vectors depend on beside graph and tokenizer.

        Not the measured numbers: they differ in the last digits between two machines.
        """
        if self.calibration is None and not self.question_prefix + self.memory_prefix:
            return (str(self.max_pieces),)
        centred = self.calibration.sentences if self.calibration else ""
        return (str(self.max_pieces), self.question_prefix, self.memory_prefix, centred)


def dumps(description: EmbeddingDescription) -> str:
    """Return `description` as the content of its file."""
    measured = description.calibration
    content = {
        "question_prefix": description.question_prefix,
        "memory_prefix": description.memory_prefix,
        "max_pieces": description.max_pieces,
        "calibration": measured
        and {
            "sentences": measured.sentences,
            "slope": measured.similarity.slope,
            "offset": measured.similarity.offset,
            "question_centre": measured.question_centre.tolist(),
            "memory_centre": measured.memory_centre.tolist(),
        },
    }
    return json.dumps(content) + "\n"


def read(folder: Path) -> EmbeddingDescription:
    """
    Return the description in `folder`.

    Raises:
        ModelCorrupt: it cannot be read.
    """
    file = folder / NAME
    if not file.exists():
        return EmbeddingDescription()
    try:
        content = json.loads(file.read_text(encoding="utf-8"))
        measured = content["calibration"]
        return EmbeddingDescription(
            question_prefix=str(content["question_prefix"]),
            memory_prefix=str(content["memory_prefix"]),
            max_pieces=int(content["max_pieces"]),
            calibration=measured
            and SpaceCalibration(
                question_centre=np.array(measured["question_centre"], np.float32),
                memory_centre=np.array(measured["memory_centre"], np.float32),
                similarity=SimilarityScale(float(measured["slope"]), float(measured["offset"])),
                sentences=str(measured["sentences"]),
            ),
        )
    except (OSError, ValueError, KeyError, TypeError) as err:
        raise ModelCorrupt(f"{file} cannot be read: {err}; pull the model again") from err


def digest(text: str) -> str:
    """Return the SHA-256 of `text`, hex."""
    return hashlib.sha256(text.encode()).hexdigest()
