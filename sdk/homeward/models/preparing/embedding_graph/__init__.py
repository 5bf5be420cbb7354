"""
Writes an embedding model's ONNX graphs from its weights, on this device and without torch.

Runs nothing: whether a graph is good enough is for the caller to measure.
"""

from pathlib import Path

from homeward.models.preparing.embedding_graph import four_bit_file
from homeward.models.preparing.embedding_graph.bert import write_bert
from homeward.models.preparing.embedding_graph.graph import GraphWriter
from homeward.models.preparing.embedding_graph.matrices import Float32Matrices, Int8Matrices
from homeward.models.preparing.embedding_graph.shapes import SHAPES
from homeward.models.preparing.embedding_graph.tensors import FourBitTensors, SafetensorsTensors
from homeward.models.preparing.embedding_graph.tokenizer_file import write_tokenizer

RECIPE = 1  # raise when a graph's vectors change: stored vectors of another recipe don't mix

__all__ = ["RECIPE", "write_graph", "write_tokenizer"]


def write_graph(
    folder: Path, weights: str, *, shape: str, precision: str, weights_sha256: str
) -> None:
    """
    Write `float32.onnx` or `int8.onnx` of the file called `weights` beside it, by `precision`.

    The float32 graph of a safetensors file holds no weights but points into it. An int8 graph has
    int8 matrices per output channel and int8 activations.

    Guarantees:
        Activations are scaled per token, not per batch: a text's vector does not depend on the
        texts that it is embedded with, or on padding.

    Raises:
        ModelCorrupt: the weights are not a file of their format.
        UnsupportedModel: they are of another architecture than `shape`, a key of `SHAPES`.
    """
    form = SHAPES[shape]
    file, graph = folder / weights, GraphWriter()
    is_four_bit = four_bit_file.is_one(file)
    tensors = (FourBitTensors if is_four_bit else SafetensorsTensors)(graph, file, shape)
    matrices = (Float32Matrices if precision == "float32" else Int8Matrices)(graph, tensors, form)
    write_bert(graph, matrices, form)
    properties = {"weights": weights_sha256, "recipe": str(RECIPE)}
    target = folder / f"{precision}.onnx"
    graph.save(target, dims=form.dims, properties=properties)
