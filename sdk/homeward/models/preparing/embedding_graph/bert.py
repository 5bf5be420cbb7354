"""The forward pass of BERT. Source: Devlin et al. 2018, arXiv:1810.04805."""

import numpy as np

from homeward.models.preparing.embedding_graph.graph import FLOAT, GraphWriter
from homeward.models.preparing.embedding_graph.matrices import Matrices
from homeward.models.preparing.embedding_graph.shapes import BertShape


def write_bert(graph: GraphWriter, matrices: Matrices, shape: BertShape) -> None:
    """
    Add the nodes from token ids and mask to unit vectors: the mean over a text's tokens.

    Source:
        Devlin et al. 2018, arXiv:1810.04805 (BERT); Reimers and Gurevych 2019, arXiv:1908.10084
        (the mean of the tokens).
    """
    _Bert(graph, matrices, shape).write()


class _Bert:
    """Knows what is read from what; `matrices` knows in which precision."""

    def __init__(self, graph: GraphWriter, matrices: Matrices, shape: BertShape) -> None:
        self._graph, self._matrices, self._shape = graph, matrices, shape
        self._tensors = matrices.tensors

    def write(self) -> None:
        g = self._graph
        mask = g.op("Cast", "attention_mask", to=FLOAT)
        x = self._embeddings()
        # Added before the softmax; far below any score, so that padding gets exactly zero.
        blocked = g.op("Sub", mask, g.constant(1))
        blocked = g.op("Mul", blocked, g.constant(1e9))
        blocked = g.op("Unsqueeze", blocked, g.constant([1, 2], np.int64))
        for layer in range(self._shape.layers):
            x = self._layer(x, blocked, f"encoder.layer.{layer}")
        # The sum over real tokens has the mean's direction, and the length is set to one.
        row = g.op("Unsqueeze", mask, g.constant([1], np.int64))
        pooled = g.op("Squeeze", g.op("MatMul", row, x), g.constant([1], np.int64))
        g.op("LpNormalization", pooled, outputs=["embedding"], axis=-1, p=2)

    def _embeddings(self) -> str:
        g, shape = self._graph, self._shape
        words = self._matrices.words("embeddings.word_embeddings.weight", "input_ids")
        name = "embeddings.position_embeddings.weight"
        table = self._tensors.weight(name, shape.positions, shape.dims)
        first = g.constant([shape.first_position], np.int64)
        last = g.op("Add", g.op("Shape", "input_ids", start=1, end=2), first)
        positions = g.op("Slice", table, first, last, g.constant([0], np.int64))
        name = "embeddings.token_type_embeddings.weight"
        segments = self._tensors.weight(name, shape.segments, shape.dims)
        only = g.op("Gather", segments, g.constant(0, np.int64))  # there is only one segment
        x = g.op("Add", g.op("Add", words, positions), only)
        return self._normalize(x, "embeddings.LayerNorm")

    def _layer(self, x: str, blocked: str, name: str) -> str:
        g, dims, inner = self._graph, self._shape.dims, self._shape.inner
        linear = self._matrices.linear
        attended = self._attention(x, blocked, f"{name}.attention.self")
        y = linear(attended, [f"{name}.attention.output.dense"], dims, dims)
        x = self._normalize(g.op("Add", y, x), f"{name}.attention.output.LayerNorm")
        y = g.op("Gelu", linear(x, [f"{name}.intermediate.dense"], dims, inner))
        y = linear(y, [f"{name}.output.dense"], inner, dims)
        return self._normalize(g.op("Add", y, x), f"{name}.output.LayerNorm")

    def _attention(self, x: str, blocked: str, name: str) -> str:
        g, dims, heads = self._graph, self._shape.dims, self._shape.heads
        size = dims // heads
        parts = [f"{name}.{part}" for part in ("query", "key", "value")]
        joined = self._matrices.linear(x, parts, dims, dims)
        split = g.op("Reshape", joined, g.constant([0, 0, 3, heads, size], np.int64))
        split = g.op("Transpose", split, perm=[2, 0, 3, 1, 4])  # (3, texts, heads, pieces, size)
        query, key, value = (
            g.op("Gather", split, g.constant(part, np.int64), axis=0) for part in range(3)
        )
        scores = g.op("MatMul", query, g.op("Transpose", key, perm=[0, 1, 3, 2]))
        scores = g.op("Mul", scores, g.constant(size**-0.5))
        shares = g.op("Softmax", g.op("Add", scores, blocked), axis=-1)
        mixed = g.op("Transpose", g.op("MatMul", shares, value), perm=[0, 2, 1, 3])
        return g.op("Reshape", mixed, g.constant([0, 0, dims], np.int64))

    def _normalize(self, x: str, name: str) -> str:
        g, dims = self._graph, self._shape.dims
        scale = self._tensors.weight(f"{name}.weight", dims)
        bias = self._tensors.weight(f"{name}.bias", dims)
        return g.op("LayerNormalization", x, scale, bias, axis=-1, epsilon=self._shape.epsilon)
