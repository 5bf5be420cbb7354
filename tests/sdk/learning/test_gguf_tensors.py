"""What is not a whole, known GGUF file is refused by name."""

from pathlib import Path
from types import ModuleType

import gguf
import numpy as np
import pytest

from homeward.errors import ModelCorrupt, ModelNotFound, UnsupportedModel
from homeward.learning.gradients.gguf_tensors import map_tensors
from homeward.learning.gradients.weights import read_weights


def _written(path: Path, architecture: str, tensor: str) -> Path:
    writer = gguf.GGUFWriter(path, architecture)
    writer.add_tensor(tensor, np.zeros((2, 32), np.float32))
    writer.write_header_to_file()
    writer.write_kv_data_to_file()
    writer.write_tensors_to_file()
    writer.close()
    return path


def test_an_unknown_architecture_is_named(tmp_path: Path) -> None:
    with pytest.raises(UnsupportedModel, match="'mamba'"):
        read_weights(_written(tmp_path / "m.gguf", "mamba", "token_embd.weight"))


def test_a_tensor_that_no_piece_uses_is_named(tmp_path: Path, tiny_models: ModuleType) -> None:
    path = tmp_path / "m.gguf"
    tiny_models.write("llama", path)
    path.write_bytes(
        path.read_bytes().replace(b"blk.1.ffn_norm.weight", b"blk.1.ffn_gate_experts"[:21])
    )
    with pytest.raises(UnsupportedModel, match="ffn_gate_expert"):
        read_weights(path)


def test_a_missing_file_is_missing(tmp_path: Path) -> None:
    with pytest.raises(ModelNotFound):
        map_tensors(tmp_path / "none.gguf")


@pytest.mark.parametrize("kept", [0, 3, 20, 60, 300, -1])
def test_a_truncated_file_is_corrupt(kept: int, tmp_path: Path, tiny_models: ModuleType) -> None:
    path = tmp_path / "m.gguf"
    tiny_models.write("llama", path)
    path.write_bytes(path.read_bytes()[:kept])
    with pytest.raises(ModelCorrupt, match=r"GGUF|truncated"):
        read_weights(path)


@pytest.mark.parametrize("kind", ["Q4_0", "Q4_1", "Q8_0", "F16"])
def test_quantized_tensors_read_back(kind: str, tmp_path: Path) -> None:
    wanted = np.random.default_rng(1).normal(0, 1, (5, 64)).astype(np.float32)
    code = gguf.GGMLQuantizationType[kind]
    writer = gguf.GGUFWriter(tmp_path / "m.gguf", "llama")
    writer.add_array("tokenizer.ggml.tokens", ["a", "bc"])  # skipped on the way
    writer.add_tensor("t", gguf.quantize(wanted, code), raw_dtype=code)
    writer.write_header_to_file()
    writer.write_kv_data_to_file()
    writer.write_tensors_to_file()
    writer.close()
    head, tensors = map_tensors(tmp_path / "m.gguf")
    assert head.architecture == "llama"
    assert np.abs(tensors["t"].dequantize() - wanted).max() < 0.5
