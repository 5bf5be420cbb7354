"""Runs the head on a few positions at a time, so that no (tokens, vocabulary) matrix exists."""

from collections.abc import Iterator

import numpy as np
from numpy.typing import NDArray

from homeward.learning.gradients.graph.head import build_head
from homeward.learning.gradients.runtime import Kernel, Value
from homeward.learning.gradients.weights import Weights
from homeward.ports import Vector

_AT_ONCE = 128  # positions whose logits exist at once: 128 x 49,152 x 4 bytes = 25 MB


class Top:
    """Last norm and vocabulary. Shapes: h (n, width); targets and weights (n, k)."""

    def __init__(self, weights: Weights, *, threads: int) -> None:
        graphs = build_head(weights.architecture)
        self._forward = Kernel(graphs.forward, threads=threads)
        self._backward = Kernel(graphs.backward, threads=threads)
        self._likeliest = Kernel(graphs.likeliest, threads=threads)
        self._weights = {
            "vocabulary": Value(weights.output),
            "output_norm": Value(weights.output_norm),
        }

    def score(self, h: Vector, targets: NDArray[np.int64]) -> Vector:
        """Log-probabilities of the targets: (n, k)."""
        out = np.empty(targets.shape, np.float32)
        for here in _slices(len(h)):
            feed = {"h": Value(h[here]), "targets": Value(targets[here])}
            (found,) = self._forward(["log_probabilities"], self._weights, feed)
            out[here] = found.reals()
        return out

    def backward(
        self, h: Vector, targets: NDArray[np.int64], weights: Vector
    ) -> tuple[Vector, Vector]:
        """Log-probabilities (n, k), and the gradient of their weighted sum at h: (n, width)."""
        out, dh = np.empty(targets.shape, np.float32), np.empty_like(h)
        for here in _slices(len(h)):
            feed = {
                "h": Value(h[here]),
                "targets": Value(targets[here]),
                "weights": Value(weights[here]),
            }
            found, d_here = self._backward(["log_probabilities", "dh"], self._weights, feed)
            out[here], dh[here] = found.reals(), d_here.reals()
        return out, dh

    def likeliest(self, h: Vector, k: int) -> tuple[NDArray[np.int64], Vector]:
        """The k likeliest tokens of each place and their log-probabilities: (n, k) both."""
        tokens = np.empty((len(h), k), np.int64)
        out = np.empty((len(h), k), np.float32)
        for here in _slices(len(h)):
            feed = {"h": Value(h[here]), "k": Value(np.array([k], np.int64))}
            found, logged = self._likeliest(["tokens", "log_probabilities"], self._weights, feed)
            tokens[here], out[here] = found.wholes(), logged.reals()
        return tokens, out


def _slices(count: int) -> Iterator[slice]:
    return (slice(start, start + _AT_ONCE) for start in range(0, count, _AT_ONCE))
