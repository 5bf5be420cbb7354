"""A model of a few hundred zeros that numbers an image's positions by row and column (M-RoPE)."""

from pathlib import Path

import gguf
import numpy as np

WIDTH = 32
_WORDS = 8
_ARCHITECTURE = "qwen2vl"


def write_mrope_model(path: Path) -> Path:
    """Write it as GGUF; it has no words that mean something."""
    writer = gguf.GGUFWriter(path, _ARCHITECTURE)
    numbers = {
        "context_length": 64,
        "embedding_length": WIDTH,
        "block_count": 1,
        "feed_forward_length": WIDTH,
        "attention.head_count": 2,
        "attention.head_count_kv": 2,
        "vocab_size": _WORDS,
    }
    for name, number in numbers.items():
        writer.add_uint32(f"{_ARCHITECTURE}.{name}", number)
    writer.add_float32(f"{_ARCHITECTURE}.attention.layer_norm_rms_epsilon", 1e-5)
    writer.add_array(f"{_ARCHITECTURE}.rope.dimension_sections", [2, 3, 3, 0])
    writer.add_string("tokenizer.ggml.model", "no_vocab")
    for name, shape in _shapes().items():
        writer.add_tensor(name, np.zeros(shape, np.float32))
    writer.write_header_to_file()
    writer.write_kv_data_to_file()
    writer.write_tensors_to_file()
    writer.close()
    return path


def _shapes() -> dict[str, tuple[int, ...]]:
    matrices = "attn_q attn_k attn_v attn_output ffn_gate ffn_up ffn_down".split()
    vectors = ("attn_q.bias", "attn_k.bias", "attn_v.bias", "attn_norm.weight", "ffn_norm.weight")
    return {
        "token_embd.weight": (_WORDS, WIDTH),
        "output_norm.weight": (WIDTH,),
        **{f"blk.0.{name}.weight": (WIDTH, WIDTH) for name in matrices},
        **{f"blk.0.{name}": (WIDTH,) for name in vectors},
    }
