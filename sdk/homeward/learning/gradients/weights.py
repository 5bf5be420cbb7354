"""Loads a GGUF file's weights as float32, each held once."""

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from homeward.errors import ModelCorrupt, UnsupportedModel
from homeward.learning.gradients.architecture import Architecture, describe
from homeward.learning.gradients.gguf_tensors import GgufTensor, map_tensors
from homeward.ports import Vector

_LAYER = {
    "attn_norm.weight": "attn_norm",
    "attn_q.weight": "q",
    "attn_k.weight": "k",
    "attn_v.weight": "v",
    "attn_q.bias": "q_bias",
    "attn_k.bias": "k_bias",
    "attn_v.bias": "v_bias",
    "attn_q_norm.weight": "q_norm",
    "attn_k_norm.weight": "k_norm",
    "attn_output.weight": "out",
    "post_attention_norm.weight": "attn_post_norm",
    "ffn_norm.weight": "mlp_norm",
    "ffn_gate.weight": "gate",
    "ffn_up.weight": "up",
    "ffn_down.weight": "down",
    "post_ffw_norm.weight": "mlp_post_norm",
}


@dataclass(frozen=True, slots=True)
class Weights:
    """
    Everything that a pass multiplies with.

    Shapes:
        embedding: (vocabulary, width); output: the same array where the model ties them;
        layers: per layer, name → (out, in) matrices and (n,) vectors;
        frequency_divisors: (turned / 2,) or None.
    """

    architecture: Architecture
    embedding: Vector
    output: Vector
    output_norm: Vector
    layers: tuple[Mapping[str, Vector], ...]
    frequency_divisors: Vector | None

    @property
    def nbytes(self) -> int:
        """Bytes of all weights as float32, a tied output counted once."""
        tied = self.output is self.embedding
        top = self.embedding.nbytes + (0 if tied else self.output.nbytes) + self.output_norm.nbytes
        return top + sum(array.nbytes for layer in self.layers for array in layer.values())


def read_weights(path: Path) -> Weights:
    """
    Dequantize a GGUF file.

    Raises:
        ModelNotFound: no file there.
        ModelCorrupt: not a whole GGUF file.
        UnsupportedModel: an architecture, a rotary scaling or a tensor that no gradient knows.
    """
    head, tensors = map_tensors(path)
    return _assemble(describe(head), tensors)


def _assemble(arch: Architecture, tensors: dict[str, GgufTensor]) -> Weights:
    def take(name: str) -> Vector:
        if name not in tensors:
            raise ModelCorrupt(f"tensor {name} is missing")
        return tensors.pop(name).dequantize()

    embedding = take("token_embd.weight")
    output = take("output.weight") if "output.weight" in tensors else embedding
    norm = take("output_norm.weight")
    divisors = _divisors(tensors)
    layers = tuple(_layer(arch, number, tensors) for number in range(arch.layers))
    if tensors:
        raise UnsupportedModel(f"no gradient for {arch.name!r} with a tensor {min(tensors)}")
    return Weights(arch, embedding, output, norm, layers, divisors)


def _divisors(tensors: dict[str, GgufTensor]) -> Vector | None:
    # phi3 carries two sets; the short one holds up to the context it was first trained with.
    tensors.pop("rope_factors_long.weight", None)
    found = tensors.pop("rope_freqs.weight", None) or tensors.pop("rope_factors_short.weight", None)
    return None if found is None else found.dequantize()


def _layer(arch: Architecture, number: int, tensors: dict[str, GgufTensor]) -> Mapping[str, Vector]:
    prefix = f"blk.{number}."
    found: dict[str, Vector] = {}
    if arch.family.fused:
        found |= _split_fused(arch, prefix, tensors)
    for name, short in _LAYER.items():
        if prefix + name in tensors:
            found[short] = tensors.pop(prefix + name).dequantize()
    if arch.family.pairs:
        for name, heads in (("q", arch.heads), ("k", arch.key_heads)):
            for key in {name, f"{name}_bias"} & found.keys():
                found[key] = _pairs_to_halves(found[key], heads, arch.turned)
    return found


def _split_fused(
    arch: Architecture, prefix: str, tensors: dict[str, GgufTensor]
) -> dict[str, Vector]:
    qkv = tensors.pop(f"{prefix}attn_qkv.weight").dequantize()
    gate_up = tensors.pop(f"{prefix}ffn_up.weight").dequantize()
    keys = arch.key_heads * arch.head_width
    q, k, v = np.split(qkv, [len(qkv) - 2 * keys, len(qkv) - keys])
    gate, up = np.split(gate_up, 2)
    return {"q": q, "k": k, "v": v, "gate": gate, "up": up}


def _pairs_to_halves(rows: Vector, heads: int, turned: int) -> Vector:
    """Reorder each head's rows from pairs (2i, 2i+1) to (i, i + turned / 2)."""
    by_head = rows.reshape(heads, len(rows) // heads, -1)
    pairs = by_head[:, :turned].reshape(heads, turned // 2, 2, -1)
    halves = pairs.swapaxes(1, 2).reshape(heads, turned, -1)
    return np.concatenate([halves, by_head[:, turned:]], axis=1).reshape(rows.shape)
