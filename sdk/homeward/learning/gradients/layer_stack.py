"""Runs a model's layers forward and backward, with one small graph for all of them."""

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np

from homeward.errors import InvalidArgument
from homeward.learning.gradients.graph.block import build_block
from homeward.learning.gradients.packing import Packed, masks, rotary_tables
from homeward.learning.gradients.runtime import Kernel, Value
from homeward.learning.gradients.weights import Weights
from homeward.ports import Vector

_WORKING = 80  # what a running layer and the head take, in inputs of a layer; measured on SmolLM2

Feed = Mapping[str, Value]


@dataclass(slots=True)
class Stored:
    """What a backward pass needs: per layer its feed and its input; for some, what was kept."""

    feeds: list[Feed]
    inputs: list[Value]
    kept: dict[int, Feed]


class Stack:
    """
    The layers between embedding and head.

    Guarantees:
        Between the passes each layer's input is stored, and of its other values as many as
        `activation_bytes` has room for beside what a running layer needs.

    Source:
        Chen et al. 2016, arXiv:1604.06174: what is not stored is computed again going back.
    """

    def __init__(self, weights: Weights, *, threads: int, activation_bytes: int) -> None:
        self._weights, self._activation_bytes = weights, activation_bytes
        self._layers = [
            {name: Value(array) for name, array in layer.items()} for layer in weights.layers
        ]
        shapes = {name: array.shape for name, array in weights.layers[0].items()}
        graphs = build_block(weights.architecture, shapes)
        self._kept = graphs.kept
        self._forward = Kernel(graphs.forward, threads=threads)
        self._forward_keeping = Kernel(graphs.forward_keeping, threads=threads)
        self._backward = Kernel(graphs.backward, threads=threads)
        self._backward_kept = Kernel(graphs.backward_kept, threads=threads)

    def forward(self, x: Vector, packed: Packed, *, store: bool) -> tuple[Vector, Stored]:
        """Hidden states (tokens, width) above the last layer, and what `backward` needs."""
        stored = Stored(self._feeds(packed), [], {})
        value: Value = Value(x)
        needed = x.nbytes * (len(stored.feeds) + _WORKING)
        room = self._activation_bytes - needed if store else 0
        for layer, feed in enumerate(stored.feeds):
            if store:
                stored.inputs.append(value)
            if room > 0:
                value, *kept = self._forward_keeping(["y", *self._kept], feed, {"x": value})
                stored.kept[layer] = dict(zip(self._kept, kept, strict=True))
                room -= sum(held.nbytes for held in kept)
            else:
                (value,) = self._forward(["y"], feed, {"x": value})
        return value.reals(), stored

    def backward(self, dh: Vector, stored: Stored) -> Vector:
        """
        Gradient at the lowest layer's input; frees what was stored on its way down.

        Raises:
            InvalidArgument: the forward pass stored nothing, or it was used already.
        """
        if len(stored.inputs) != len(stored.feeds):
            raise InvalidArgument(
                "this forward pass stored nothing for a backward pass, or had one"
            )
        value: Value = Value(dh)
        for layer in reversed(range(len(stored.feeds))):
            x = stored.inputs.pop()
            feed = {**stored.feeds[layer], "x": x, "dy": value}
            kept = stored.kept.pop(layer, None)
            kernel = self._backward if kept is None else self._backward_kept
            (value,) = kernel(["dx"], feed, kept or {})
        return value.reals()

    def _feeds(self, packed: Packed) -> list[Feed]:
        arch, rows = self._weights.architecture, packed.segments.shape[0]
        layout = {
            "parts": np.array([packed.prefix, rows * packed.length], np.int64),
            "seen": np.array([packed.prefix, packed.length], np.int64),
            "prefix_grid": np.array([1, packed.prefix, -1, arch.head_width], np.int64),
            "row_grid": np.array([rows, packed.length, -1, arch.head_width], np.int64),
        }
        shared = {name: Value(array) for name, array in layout.items()}
        made: dict[tuple[bool, bool], Feed] = {}
        return [
            {**shared, **self._positions(packed, layer, made), **weights}
            for layer, weights in enumerate(self._layers)
        ]

    def _positions(self, packed: Packed, layer: int, made: dict[tuple[bool, bool], Feed]) -> Feed:
        arch = self._weights.architecture
        kind = (arch.sees_everything(layer), arch.turns(layer))
        if kind not in made:
            first, rest = masks(packed, 0 if kind[0] else arch.window)
            divisors = self._weights.frequency_divisors
            cos, sin = rotary_tables(arch, layer, packed.offsets, divisors)
            tables = {"prefix_mask": first, "row_mask": rest, "cos": cos, "sin": sin}
            made[kind] = {name: Value(array) for name, array in tables.items()}
        return made[kind]
