"""How the matrices of a graph multiply: in float32, or in int8."""

from collections.abc import Sequence
from typing import Protocol

import numpy as np
from numpy.typing import NDArray

from homeward.models.preparing.embedding_graph.graph import FLOAT, UINT8, GraphWriter
from homeward.models.preparing.embedding_graph.shapes import BertShape
from homeward.models.preparing.embedding_graph.tensors import Array, Tensors


class Matrices(Protocol):
    """The weights of a graph in one precision."""

    @property
    def tensors(self) -> Tensors:
        """Those that stay float32: biases, positions, normalizations."""
        ...

    def words(self, name: str, ids: str) -> str:
        """Add the table of words; return the node that looks up `ids`."""
        ...

    def linear(self, x: str, parts: Sequence[str], reads: int, writes: int) -> str:
        """`x` through the layers called `parts`, side by side: (…, reads) → (…, parts · writes)."""
        ...


class Float32Matrices:
    """Matrices as they are in the file."""

    def __init__(self, graph: GraphWriter, tensors: Tensors, shape: BertShape) -> None:
        self._graph, self.tensors, self._shape = graph, tensors, shape

    def words(self, name: str, ids: str) -> str:
        """Add the table of words."""
        return self.tensors.rows(name, ids, self._shape.vocabulary, self._shape.dims)

    def linear(self, x: str, parts: Sequence[str], reads: int, writes: int) -> str:
        """Add a product and its bias."""
        g = self._graph
        # ONNX Runtime folds transposes and joins into one matrix when it loads the graph.
        matrices = [
            g.op("Transpose", self.tensors.weight(f"{part}.weight", writes, reads), perm=[1, 0])
            for part in parts
        ]
        biases = [self.tensors.weight(f"{part}.bias", writes) for part in parts]
        matrix = g.op("Concat", *matrices, axis=1) if len(parts) > 1 else matrices[0]
        bias = g.op("Concat", *biases, axis=0) if len(parts) > 1 else biases[0]
        return g.op("Add", g.op("MatMul", x, matrix), bias)


class Int8Matrices:
    """Matrices in int8, and activations that are quantized as they come."""

    def __init__(self, graph: GraphWriter, tensors: Tensors, shape: BertShape) -> None:
        self._graph, self.tensors, self._shape = graph, tensors, shape
        self._loud = list(shape.loud)

    def words(self, name: str, ids: str) -> str:
        """Look up in the file's own 4 bits where it has them."""
        g, size = self._graph, (self._shape.vocabulary, self._shape.dims)
        if self.tensors.is_narrow:
            return self.tensors.rows(name, ids, *size)
        quantized, scale = _quantize(self.tensors.array(name, *size), axis=1)
        rows = g.op("Gather", g.add(name, quantized), ids)
        scales = g.op("Gather", g.add(f"{name}.scale", scale), ids)
        return g.op("Mul", g.op("Cast", rows, to=FLOAT), scales)

    def linear(self, x: str, parts: Sequence[str], reads: int, writes: int) -> str:
        """Add a product and its bias."""
        g, name = self._graph, parts[0]
        arrays = [self.tensors.array(f"{part}.weight", writes, reads) for part in parts]
        matrix = np.concatenate(arrays).T
        bias = np.concatenate([self.tensors.array(f"{part}.bias", writes) for part in parts])
        beside = g.add(f"{name}.bias", bias)
        if self._loud and reads == self._shape.dims:
            x, matrix, beside = self._without_loud(name, x, matrix, beside)
        quantized, scale = _quantize(matrix, axis=0)
        token, moved = self._by_token(x)
        weight = g.add(f"{name}.weight", quantized)
        whole = g.op("MatMulInteger", moved, weight, g.constant(128, np.uint8))
        y = g.op("Cast", whole, to=FLOAT)
        y = g.op("Mul", y, g.add(f"{name}.scale", scale[0]))
        return g.op("Add", g.op("Mul", y, token), beside)

    def _without_loud(self, name: str, x: str, matrix: Array, bias: str) -> tuple[str, Array, str]:
        """Take the loud channels out of `x` and `matrix`; their float32 product joins `bias`."""
        g = self._graph
        loud = g.op("Gather", x, g.constant(self._loud, np.int64), axis=-1)
        product = g.op("MatMul", loud, g.add(f"{name}.loud", matrix[self._loud]))
        quiet = np.ones((len(matrix), 1), np.float32)
        quiet[self._loud] = 0
        x = g.op("Mul", x, g.add(f"{name}.quiet", quiet[:, 0]))
        return x, matrix * quiet, g.op("Add", product, bias)

    def _by_token(self, x: str) -> tuple[str, str]:
        """A scale for each token (row), and `x` by it as unsigned numbers around 128."""
        # `DynamicQuantizeLinear` would take one scale for the whole batch: measured cosine between
        # the same text in two batches 0.97.
        g = self._graph
        largest = g.op("ReduceMax", g.op("Abs", x), g.constant([-1], np.int64), keepdims=1)
        token = g.op("Mul", largest, g.constant(1 / 127))
        token = g.op("Max", token, g.constant(1e-12))  # a row of zeros stays zeros
        # ONNX Runtime is fastest for unsigned by signed. The cast cuts; the half makes it round.
        moved = g.op("Mul", x, g.op("Reciprocal", token))
        moved = g.op("Add", moved, g.constant(128.5))
        return token, g.op("Cast", moved, to=UINT8)


def _quantize(array: Array, *, axis: int) -> tuple[NDArray[np.int8], Array]:
    scale = np.maximum(np.abs(array).max(axis=axis, keepdims=True) / 127, 1e-12)
    return np.rint(array / scale).astype(np.int8), scale.astype(np.float32)
