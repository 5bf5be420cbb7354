"""
The soft prompt prior is where training starts: a mean and the directions in which people differ.

A soft prompt near other people's is its coordinates along those directions: 48 numbers, few enough
to be learned from a few texts, and to be shared where a person wants to. Arrays only; runs nothing.
"""

import hashlib
from dataclasses import dataclass
from importlib.resources import files
from io import BytesIO
from typing import TYPE_CHECKING

import numpy as np

from homeward.ports import Vector

if TYPE_CHECKING:  # coordinates are read where no ONNX Runtime is loaded
    from homeward.learning.gradients.gradient import GradientModel

COORDINATES = 48
SHIPPED = "smollm2_135m_prior.npz"
_SAME_MODEL = 0.999  # cosine of mean embeddings: quantizing leaves 0.9999, another model has none
_SAMPLE = 4096  # tokens whose mean embedding tells models apart


@dataclass(frozen=True, slots=True, eq=False)
class SoftPromptPrior:
    """
    A point and directions, for one base model however it is quantized.

    Shapes:
        mean: (k, width). directions: (48, k, width), each of the length that people vary along it.
        signature: (width,), what the base model's embeddings are like.
    """

    mean: Vector
    directions: Vector
    signature: Vector

    @property
    def sha256(self) -> str:
        """Names the mean and the directions: coordinates in others are other numbers."""
        content = np.concatenate([self.mean[None], self.directions])
        return hashlib.sha256(np.ascontiguousarray(content, "<f4").tobytes()).hexdigest()

    def soft(self, coordinates: Vector) -> Vector:
        """The soft prompt, (k, width), of (48,) coordinates."""
        return self.mean + np.tensordot(coordinates, self.directions, axes=1).astype(np.float32)

    def coordinates(self, soft: Vector) -> Vector:
        """The (48,) coordinates of the nearest soft prompt that has some, by least squares."""
        flat = self.directions.reshape(len(self.directions), -1)
        found, *_ = np.linalg.lstsq(flat.T, (soft - self.mean).ravel(), rcond=None)
        return np.asarray(found, np.float32)

    def along(self, gradient: Vector) -> Vector:
        """A gradient at a soft prompt, (k, width), as one at its coordinates, (48,)."""
        return np.tensordot(self.directions, gradient, axes=2).astype(np.float32)

    def fits(self, model: "GradientModel") -> bool:
        """Whether it was learned for this model."""
        found = signature(model)
        if found.shape != self.signature.shape:
            return False
        both = float(np.linalg.norm(found) * np.linalg.norm(self.signature))
        return float(found @ self.signature) > _SAME_MODEL * both

    def to_bytes(self) -> bytes:
        """A .npz of float16, without pickles; the same prior gives the same bytes."""
        out = BytesIO()
        np.savez(
            out,
            mean=self.mean.astype(np.float16),
            directions=self.directions.astype(np.float16),
            signature=self.signature.astype(np.float16),
        )
        return out.getvalue()


def signature(model: "GradientModel") -> Vector:
    """The mean embedding of the first tokens, (width,)."""
    return np.asarray(model.embed(range(min(_SAMPLE, model.vocabulary))).mean(axis=0))


def shipped_prior() -> SoftPromptPrior:
    """
    Return the prior for SmolLM2-135M.

    It was learned from messages in Ubuntu's IRC channels (Kummerfeld et al. 2019, CC BY 4.0).
    """
    packed = files("homeward.learning").joinpath(SHIPPED).read_bytes()
    with np.load(BytesIO(packed), allow_pickle=False) as found:
        return SoftPromptPrior(
            *(found[name].astype(np.float32) for name in ("mean", "directions", "signature"))
        )
