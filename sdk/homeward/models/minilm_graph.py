"""
Writes MiniLM as ONNX graphs from its safetensors file; only this module imports `onnx`.

Knows the BERT architecture as all-MiniLM-L6-v2 uses it (6 layers, mean pooling, unit length) and
how to quantize it. Runs nothing: whether a graph is good enough is for the caller to measure.
"""

from collections.abc import Sequence
from pathlib import Path
from typing import Any

import numpy as np
import onnx
from numpy.typing import NDArray
from onnx import TensorProto, helper, numpy_helper

from homeward.errors import UnsupportedModel
from homeward.models import safetensors
from homeward.models.safetensors import SafetensorsTensor

WEIGHTS = "model.safetensors"
RECIPE = 1  # raise when a graph's vectors change: stored vectors of another recipe don't mix

Number = int | float

_LAYERS, _DIMS, _HEADS, _INNER, _VOCABULARY, _POSITIONS = 6, 384, 12, 1536, 30522, 512
_EPSILON = 1e-12  # of the layer normalization, from the model's config.json
_OPSET = 20  # the first with Gelu
# Channels of this model's residual stream that are up to a hundred times as loud as the median one.
# In int8 they would cost all others their precision: cosine to float32 on the worst text 0.978 with
# them, 0.995 without (the method of Dettmers et al. 2022, arXiv:2208.07339, with a fixed list).
_LOUD = (99, 63, 223, 157)
_IR_VERSION = 9  # read by every ONNX Runtime that reads opset 20


def write_float32(folder: Path, *, weights_sha256: str) -> None:
    """
    Write `float32.onnx` beside the weights. It holds no weights but points into their file.

    Raises:
        ModelCorrupt: the weights are not a safetensors file.
        UnsupportedModel: they are of another architecture.
    """
    graph = _Float32(folder)
    _write(graph, folder / "float32.onnx", weights_sha256=weights_sha256)


def write_int8(folder: Path, *, weights_sha256: str) -> None:
    """
    Write `int8.onnx`, a quarter of the size: weights int8 per output channel, activations int8.

    Guarantees:
        Activations are scaled per token, not per batch: a text's vector does not depend on the
        texts that it is embedded with, or on padding.

    Raises:
        As `write_float32`.
    """
    graph = _Int8(folder)
    _write(graph, folder / "int8.onnx", weights_sha256=weights_sha256)


def _write(graph: "_Float32", target: Path, *, weights_sha256: str) -> None:
    _minilm(graph)
    shape = ["texts", "pieces"]
    inputs = [
        helper.make_tensor_value_info("input_ids", TensorProto.INT64, shape),
        helper.make_tensor_value_info("attention_mask", TensorProto.INT64, shape),
    ]
    output = helper.make_tensor_value_info("embedding", TensorProto.FLOAT, ["texts", _DIMS])
    model = helper.make_model(
        helper.make_graph(graph.nodes, "minilm", inputs, [output], graph.initializers),
        opset_imports=[helper.make_opsetid("", _OPSET)],
        ir_version=_IR_VERSION,
    )
    helper.set_model_props(model, {"weights": weights_sha256, "recipe": str(RECIPE)})
    onnx.save(model, str(target))


class _Float32:
    """A graph in the making: nodes, and weights that stay in the safetensors file."""

    def __init__(self, folder: Path) -> None:
        self.nodes: list[onnx.NodeProto] = []
        self.initializers: list[onnx.TensorProto] = []
        self._file = folder / WEIGHTS
        self._tensors = safetensors.tensors(self._file)
        self._names: set[str] = set()

    def op(
        self,
        kind: str,
        *inputs: str,
        outputs: Sequence[str] = (),
        **attributes: Any,  # noqa: ANN401  # numbers and lists, as the operator has them
    ) -> str:
        names = list(outputs) or [f"{kind}_{len(self.nodes)}"]
        self.nodes.append(helper.make_node(kind, list(inputs), names, **attributes))
        return names[0]

    def constant(self, value: Number | list[int], kind: type = np.float32) -> str:
        array: NDArray[Any] = np.asarray(value, kind)
        name = f"constant_{array.dtype}_{array.tolist()}"
        if name not in self._names:
            self._names.add(name)
            self.add(name, array)
        return name

    def add(self, name: str, array: NDArray[Any]) -> str:
        self.initializers.append(numpy_helper.from_array(np.array(array, order="C"), name))
        return name

    def weight(self, name: str, *shape: int) -> str:
        """An initializer that points at a tensor's bytes in the safetensors file."""
        tensor = self._checked(name, shape)
        proto = TensorProto(name=name, data_type=TensorProto.FLOAT, dims=tensor.shape)
        proto.data_location = TensorProto.EXTERNAL
        place = {"location": WEIGHTS, "offset": tensor.offset, "length": tensor.length}
        for key, value in place.items():
            proto.external_data.add(key=key, value=str(value))
        self.initializers.append(proto)
        return name

    def array(self, name: str, *shape: int) -> NDArray[np.float32]:
        return safetensors.load(self._file, self._checked(name, shape))

    def words(self, name: str, ids: str) -> str:
        """Rows of the word table."""
        return self.op("Gather", self.weight(name, _VOCABULARY, _DIMS), ids)

    def linear(self, x: str, parts: Sequence[str], reads: int, writes: int) -> str:
        """`x` through the layers called `parts`, side by side: (…, reads) → (…, parts · writes)."""
        # ONNX Runtime folds transposes and joins into one matrix when it loads the graph.
        matrices = [
            self.op("Transpose", self.weight(f"{part}.weight", writes, reads), perm=[1, 0])
            for part in parts
        ]
        biases = [self.weight(f"{part}.bias", writes) for part in parts]
        matrix = self.op("Concat", *matrices, axis=1) if len(parts) > 1 else matrices[0]
        bias = self.op("Concat", *biases, axis=0) if len(parts) > 1 else biases[0]
        return self.op("Add", self.op("MatMul", x, matrix), bias)

    def _checked(self, name: str, shape: tuple[int, ...]) -> SafetensorsTensor:
        tensor = self._tensors.get(name)
        if tensor is None or tensor.shape != shape:
            found = "no such tensor" if tensor is None else f"shape {tensor.shape}"
            raise UnsupportedModel(f"{WEIGHTS} is not MiniLM-L6: {name} has {found}, not {shape}")
        return tensor


class _Int8(_Float32):
    """The same graph with int8 matrices, and activations that are quantized as they come."""

    def words(self, name: str, ids: str) -> str:
        quantized, scale = _quantize(self.array(name, _VOCABULARY, _DIMS), axis=1)
        rows = self.op("Gather", self.add(name, quantized), ids)
        scales = self.op("Gather", self.add(f"{name}.scale", scale), ids)
        return self.op("Mul", self.op("Cast", rows, to=TensorProto.FLOAT), scales)

    def linear(self, x: str, parts: Sequence[str], reads: int, writes: int) -> str:
        name = parts[0]
        matrix = np.concatenate([self.array(f"{part}.weight", writes, reads) for part in parts]).T
        bias = np.concatenate([self.array(f"{part}.bias", writes) for part in parts])
        beside = self.add(f"{name}.bias", bias)
        if reads == _DIMS:
            x, matrix, beside = self._without_loud(name, x, matrix, beside)
        quantized, scale = _quantize(matrix, axis=0)
        token, moved = self._by_token(x)
        weight = self.add(f"{name}.weight", quantized)
        whole = self.op("MatMulInteger", moved, weight, self.constant(128, np.uint8))
        y = self.op("Cast", whole, to=TensorProto.FLOAT)
        y = self.op("Mul", y, self.add(f"{name}.scale", scale[0]))
        return self.op("Add", self.op("Mul", y, token), beside)

    def _without_loud(
        self, name: str, x: str, matrix: NDArray[np.float32], bias: str
    ) -> tuple[str, NDArray[np.float32], str]:
        """Take the loud channels out of `x` and `matrix`; their float32 product joins `bias`."""
        loud = self.op("Gather", x, self.constant(list(_LOUD), np.int64), axis=-1)
        product = self.op("MatMul", loud, self.add(f"{name}.loud", matrix[list(_LOUD)]))
        quiet = np.ones((len(matrix), 1), np.float32)
        quiet[list(_LOUD)] = 0
        x = self.op("Mul", x, self.add(f"{name}.quiet", quiet[:, 0]))
        return x, matrix * quiet, self.op("Add", product, bias)

    def _by_token(self, x: str) -> tuple[str, str]:
        """A scale for each token (row), and `x` by it as unsigned numbers around 128."""
        # `DynamicQuantizeLinear` would take one scale for the whole batch: measured cosine between
        # the same text in two batches 0.97.
        largest = self.op("ReduceMax", self.op("Abs", x), self.constant([-1], np.int64), keepdims=1)
        token = self.op("Mul", largest, self.constant(1 / 127))
        token = self.op("Max", token, self.constant(1e-12))  # a row of zeros stays zeros
        # ONNX Runtime is fastest for unsigned by signed. The cast cuts; the half makes it round.
        moved = self.op("Mul", x, self.op("Reciprocal", token))
        moved = self.op("Add", moved, self.constant(128.5))
        return token, self.op("Cast", moved, to=TensorProto.UINT8)


def _quantize(
    array: NDArray[np.float32], *, axis: int
) -> tuple[NDArray[np.int8], NDArray[np.float32]]:
    scale = np.maximum(np.abs(array).max(axis=axis, keepdims=True) / 127, 1e-12)
    return np.rint(array / scale).astype(np.int8), scale.astype(np.float32)


def _minilm(g: _Float32) -> None:
    """Token ids and mask to unit vectors. Source: Devlin et al. 2018, arXiv:1810.04805."""
    mask = g.op("Cast", "attention_mask", to=TensorProto.FLOAT)
    x = _embeddings(g)
    # Added before the softmax; far below any score, so that padding gets exactly zero.
    blocked = g.op("Sub", mask, g.constant(1))
    blocked = g.op("Mul", blocked, g.constant(1e9))
    blocked = g.op("Unsqueeze", blocked, g.constant([1, 2], np.int64))
    for layer in range(_LAYERS):
        x = _layer(g, x, blocked, f"encoder.layer.{layer}")
    # The sum over real tokens has the mean's direction, and the length is set to one.
    row = g.op("Unsqueeze", mask, g.constant([1], np.int64))
    pooled = g.op("Squeeze", g.op("MatMul", row, x), g.constant([1], np.int64))
    g.op("LpNormalization", pooled, outputs=["embedding"], axis=-1, p=2)


def _embeddings(g: _Float32) -> str:
    words = g.words("embeddings.word_embeddings.weight", "input_ids")
    length = g.op("Shape", "input_ids", start=1, end=2)
    table = g.weight("embeddings.position_embeddings.weight", _POSITIONS, _DIMS)
    zero = g.constant([0], np.int64)
    positions = g.op("Slice", table, zero, length, zero)
    segments = g.weight("embeddings.token_type_embeddings.weight", 2, _DIMS)
    first = g.op("Gather", segments, g.constant(0, np.int64))  # there is only one segment
    x = g.op("Add", g.op("Add", words, positions), first)
    return _normalize(g, x, "embeddings.LayerNorm")


def _layer(g: _Float32, x: str, blocked: str, name: str) -> str:
    attended = _attention(g, x, blocked, f"{name}.attention.self")
    y = g.linear(attended, [f"{name}.attention.output.dense"], _DIMS, _DIMS)
    x = _normalize(g, g.op("Add", y, x), f"{name}.attention.output.LayerNorm")
    y = g.op("Gelu", g.linear(x, [f"{name}.intermediate.dense"], _DIMS, _INNER))
    y = g.linear(y, [f"{name}.output.dense"], _INNER, _DIMS)
    return _normalize(g, g.op("Add", y, x), f"{name}.output.LayerNorm")


def _attention(g: _Float32, x: str, blocked: str, name: str) -> str:
    size = _DIMS // _HEADS
    parts = [f"{name}.{part}" for part in ("query", "key", "value")]
    joined = g.linear(x, parts, _DIMS, _DIMS)
    heads = g.op("Reshape", joined, g.constant([0, 0, 3, _HEADS, size], np.int64))
    heads = g.op("Transpose", heads, perm=[2, 0, 3, 1, 4])  # (3, texts, heads, pieces, size)
    query, key, value = (
        g.op("Gather", heads, g.constant(part, np.int64), axis=0) for part in range(3)
    )
    scores = g.op("MatMul", query, g.op("Transpose", key, perm=[0, 1, 3, 2]))
    scores = g.op("Mul", scores, g.constant(size**-0.5))
    shares = g.op("Softmax", g.op("Add", scores, blocked), axis=-1)
    mixed = g.op("Transpose", g.op("MatMul", shares, value), perm=[0, 2, 1, 3])
    return g.op("Reshape", mixed, g.constant([0, 0, _DIMS], np.int64))


def _normalize(g: _Float32, x: str, name: str) -> str:
    scale, bias = g.weight(f"{name}.weight", _DIMS), g.weight(f"{name}.bias", _DIMS)
    return g.op("LayerNormalization", x, scale, bias, axis=-1, epsilon=_EPSILON)
