"""
Writes GGUF files with the shapes of well-known models and random weights, for memory and speed.

What a model takes and how fast it computes follow from its shape and the types of its tensors, not
from what it knows. Weights are written as blocks of Q4_K and Q6_K, mixed as Q4_K_M mixes them; the
vocabulary is that of the default model, filled up to the shape's size.

    python -m benchmarks.model_shapes qwen3-0.6b qwen3-4b --folder shapes
"""

import argparse
from dataclasses import dataclass
from pathlib import Path

import gguf
import numpy as np
from gguf import GGMLQuantizationType as Type
from numpy.typing import NDArray

from homeward.models import DEFAULT_LANGUAGE, path
from homeward.paths import home

_CONTROL = 3  # token type: never drawn as text
_SCALE = 32  # of 63: the scale and the minimum of every block of 32 weights
_BLOCK = 256  # weights
_PADDING = "tokenizer.ggml.tokens", "tokenizer.ggml.token_type", "tokenizer.ggml.scores"


@dataclass(frozen=True, slots=True)
class Shape:
    """The numbers of a model, from its maker's config.json."""

    architecture: str
    width: int
    layers: int
    feed_forward: int
    heads: int
    kv_heads: int
    head_width: int
    vocabulary: int
    context: int
    rope_base: float = 1e6
    normed: bool = False  # queries and keys are


SHAPES = {
    "llama-3.2-1b": Shape("llama", 2048, 16, 8192, 32, 8, 64, 128256, 131072, 5e5),
    "qwen3-0.6b": Shape("qwen3", 1024, 28, 3072, 16, 8, 128, 151936, 40960, normed=True),
    "qwen3-1.7b": Shape("qwen3", 2048, 28, 6144, 16, 8, 128, 151936, 40960, normed=True),
    "qwen3-4b": Shape("qwen3", 2560, 36, 9728, 32, 8, 128, 151936, 40960, normed=True),
}
Blocks = NDArray[np.uint8]


def write(name: str, folder: Path) -> Path:
    """Write the file of one shape, if it is not there, and return its path."""
    file = folder / f"{name}.gguf"
    if file.exists():
        return file
    folder.mkdir(parents=True, exist_ok=True)
    shape, part = SHAPES[name], file.with_suffix(".part")
    writer = gguf.GGUFWriter(part, shape.architecture, use_temp_file=True)
    writer.add_name(name)
    _describe(writer, shape)
    _add_vocabulary(writer, shape.vocabulary)
    _add_tensors(writer, shape)
    writer.write_header_to_file()
    writer.write_kv_data_to_file()
    writer.write_tensors_to_file()
    writer.close()
    return part.replace(file)


def _describe(writer: gguf.GGUFWriter, shape: Shape) -> None:
    writer.add_context_length(shape.context)
    writer.add_embedding_length(shape.width)
    writer.add_block_count(shape.layers)
    writer.add_feed_forward_length(shape.feed_forward)
    writer.add_head_count(shape.heads)
    writer.add_head_count_kv(shape.kv_heads)
    writer.add_key_length(shape.head_width)
    writer.add_value_length(shape.head_width)
    writer.add_layer_norm_rms_eps(1e-6)
    writer.add_rope_freq_base(shape.rope_base)
    writer.add_file_type(gguf.LlamaFileType.MOSTLY_Q4_K_M)


def _add_vocabulary(writer: gguf.GGUFWriter, size: int) -> None:
    for key, field in gguf.GGUFReader(path(home(), DEFAULT_LANGUAGE)).fields.items():
        if not key.startswith("tokenizer."):
            continue
        value = field.contents()
        if key in _PADDING:
            fill = {_PADDING[0]: "[PAD{}]", _PADDING[1]: _CONTROL, _PADDING[2]: -1000.0}[key]
            value = [*value, *(_filling(fill, at) for at in range(len(value), size))]
        writer.add_key_value(key, value, field.types[0], field.types[-1])


def _filling(fill: object, at: int) -> object:
    return fill.format(at) if isinstance(fill, str) else fill


def _add_tensors(writer: gguf.GGUFWriter, shape: Shape) -> None:
    random = np.random.default_rng(0)

    def matrix(name: str, rows: int, columns: int, *, wide: bool = False) -> None:
        make, kind = (_q6_k, Type.Q6_K) if wide else (_q4_k, Type.Q4_K)
        blocks = make(random, rows * columns // _BLOCK, columns**-0.5).reshape(rows, -1)
        writer.add_tensor(name, blocks, raw_dtype=kind)

    def ones(name: str, size: int) -> None:
        writer.add_tensor(name, np.ones(size, np.float32))

    queries, keys = shape.heads * shape.head_width, shape.kv_heads * shape.head_width
    matrix("token_embd.weight", shape.vocabulary, shape.width, wide=True)
    ones("output_norm.weight", shape.width)
    for at in range(shape.layers):
        layer, wide = f"blk.{at}.", _is_wide(at, shape.layers)
        ones(f"{layer}attn_norm.weight", shape.width)
        ones(f"{layer}ffn_norm.weight", shape.width)
        matrix(f"{layer}attn_q.weight", queries, shape.width)
        matrix(f"{layer}attn_k.weight", keys, shape.width)
        matrix(f"{layer}attn_v.weight", keys, shape.width, wide=wide)
        matrix(f"{layer}attn_output.weight", shape.width, queries)
        matrix(f"{layer}ffn_gate.weight", shape.feed_forward, shape.width)
        matrix(f"{layer}ffn_up.weight", shape.feed_forward, shape.width)
        matrix(f"{layer}ffn_down.weight", shape.width, shape.feed_forward, wide=wide)
        if shape.normed:
            ones(f"{layer}attn_q_norm.weight", shape.head_width)
            ones(f"{layer}attn_k_norm.weight", shape.head_width)


def _is_wide(at: int, layers: int) -> bool:
    """Which layers Q4_K_M gives six bits: the first and last eighth, and a third between."""
    eighth = layers // 8
    return at < eighth or at >= 7 * eighth or (at - eighth) % 3 == 2


def _q4_k(random: np.random.Generator, count: int, deviation: float) -> Blocks:
    """Blocks of 144 bytes: scale and minimum, 8 of each in 6 bits, 256 weights of 4 bits."""
    blocks = random.integers(0, 256, (count, 144), np.uint8)
    step = deviation / 4.61  # the deviation of 0 … 15
    blocks[:, :4] = np.array([step / _SCALE, 7.5 * step / _SCALE], np.float16).view(np.uint8)
    blocks[:, 4:12] = _SCALE | _SCALE >> 4 << 6
    blocks[:, 12:16] = _SCALE & 15 | (_SCALE & 15) << 4
    return blocks


def _q6_k(random: np.random.Generator, count: int, deviation: float) -> Blocks:
    """Blocks of 210 bytes: 256 weights of 6 bits, 16 scales of 8 bits, a scale of those."""
    blocks = random.integers(0, 256, (count, 210), np.uint8)
    blocks[:, 192:208] = _SCALE
    blocks[:, 208:] = np.array([deviation / 18.5 / _SCALE], np.float16).view(np.uint8)
    return blocks


def main() -> None:
    """Write the shapes that are named."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("names", nargs="+", choices=SHAPES)
    parser.add_argument("--folder", type=Path, default=Path("shapes"))
    arguments = parser.parse_args()
    for name in arguments.names:
        file = write(name, arguments.folder)
        print(f"{file} {file.stat().st_size / 1e9:.2f} GB")


if __name__ == "__main__":
    main()
