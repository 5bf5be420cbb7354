"""
Computes the gradient of an objective on log-probabilities by a prefix of embeddings.

The composition of weights, layers and head. Knows neither texts nor what is being learned.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from homeward.learning.gradients.architecture import Architecture
from homeward.learning.gradients.layer_stack import Stack, Stored
from homeward.learning.gradients.lm_head import Top
from homeward.learning.gradients.packing import Packed, TrainingExample, pack
from homeward.learning.gradients.weights import Weights, read_weights
from homeward.ports import Vector

_ACTIVATIONS = 0.4  # of the weights' bytes: with the process itself, the peak stays below 1.6


@dataclass(frozen=True, slots=True)
class Scored:
    """
    What a backward pass found.

    Shapes:
        log_probabilities: as the weights that were given;
        gradient: (prefix, width), of Σ weights · log_probabilities.
    """

    log_probabilities: Vector
    gradient: Vector


class Pass:
    """One forward run; `backward` may follow once."""

    def __init__(
        self,
        top: Top,
        stack: Stack,
        packed: Packed,
        *,
        hidden: Vector,
        stored: Stored,
        scale: float,
    ) -> None:
        self.packed = packed
        self._top, self._stack, self._stored, self._scale = top, stack, stored, scale
        self._hidden = hidden[packed.predictors]
        self._places = len(hidden)

    def log_probabilities(self) -> Vector:
        """Of every scored token, in the order of `packed.targets`: (scored,)."""
        return self._top.score(self._hidden, self.packed.targets[:, None])[:, 0]

    def score(self, targets: NDArray[np.int64]) -> Vector:
        """Log-probabilities of other tokens at the scored places: (scored, k), as `targets`."""
        return self._top.score(self._hidden, targets)

    def likeliest(self, k: int) -> tuple[NDArray[np.int64], Vector]:
        """
        The k likeliest tokens at each scored place, and their log-probabilities.

        Shapes:
            Returns (scored, k) int64 and (scored, k) float32, in nats.
        """
        return self._top.likeliest(self._hidden, k)

    def backward(self, weights: Vector, targets: NDArray[np.int64] | None = None) -> Scored:
        """
        The gradient of Σ weights · log_probabilities at the prefix.

        Shapes:
            weights: (scored,) over the scored tokens, or (scored, k) over `targets` (scored, k).
        """
        wanted = self.packed.targets[:, None] if targets is None else targets
        spread = np.asarray(weights, np.float32).reshape(wanted.shape)
        found, d_hidden = self._top.backward(self._hidden, wanted, spread)
        dh = np.zeros((self._places, self._hidden.shape[1]), np.float32)
        np.add.at(dh, self.packed.predictors, d_hidden)  # a place may predict several tokens
        dx = self._stack.backward(dh, self._stored)
        gradient = dx[: self.packed.prefix] * np.float32(self._scale)
        return Scored(found.reshape(np.shape(weights)), gradient)


class GradientModel:
    """A language model's weights, ready to be differentiated. For one thread at a time."""

    def __init__(
        self, weights: Weights, *, threads: int = 1, activation_bytes: int | None = None
    ) -> None:
        room = int(_ACTIVATIONS * weights.nbytes) if activation_bytes is None else activation_bytes
        self._weights = weights
        self._stack = Stack(weights, threads=threads, activation_bytes=room)
        self._top = Top(weights, threads=threads)

    @classmethod
    def open(
        cls, path: Path, *, threads: int = 1, activation_bytes: int | None = None
    ) -> "GradientModel":
        """
        Read a GGUF file and compile its graphs.

        Raises:
            ModelNotFound, ModelCorrupt, UnsupportedModel: as `read_weights`.
        """
        return cls(read_weights(path), threads=threads, activation_bytes=activation_bytes)

    @property
    def architecture(self) -> Architecture:
        """What was loaded."""
        return self._weights.architecture

    @property
    def vocabulary(self) -> int:
        """How many tokens it has."""
        return len(self._weights.embedding)

    @property
    def nbytes(self) -> int:
        """Bytes of the weights as float32."""
        return self._weights.nbytes

    def embed(self, tokens: Sequence[int]) -> Vector:
        """What tokens look like as virtual tokens: (len(tokens), width)."""
        arch = self.architecture
        rows: Vector = self._weights.embedding[np.asarray(tokens, np.int64)]
        return rows * np.float32(arch.token_scale / arch.virtual_scale)

    def run(
        self, prefix: Vector, examples: Sequence[TrainingExample], *, learn: bool = True
    ) -> Pass:
        """
        Run forward on examples that all follow `prefix`, (tokens, width).

        `learn=False` stores nothing, and `backward` is then not possible.
        """
        arch, packed = self.architecture, pack(examples, prefix=len(prefix))
        rows = self._weights.embedding[packed.tokens] * np.float32(arch.token_scale)
        x = np.concatenate([prefix.astype(np.float32) * np.float32(arch.virtual_scale), rows])
        hidden, stored = self._stack.forward(x, packed, store=learn)
        return Pass(
            self._top,
            self._stack,
            packed,
            hidden=hidden,
            stored=stored,
            scale=arch.virtual_scale,
        )
