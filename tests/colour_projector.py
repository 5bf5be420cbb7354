"""
A projector that sees colour, for the real llama.cpp: no weights of one are in reach of the tests.

An image becomes 28 x 28 pixels and four patches. The patch convolution takes the mean of red, green
and blue, -1…1; no layer of the encoder runs (LLaVA leaves out the last, and there is one); the
projector's GELU keeps what is bright, and its last matrix holds the language model's own embeddings
of " red", " green" and " blue". So a patch of pure red reads to the model like the word.
"""

from collections.abc import Mapping
from pathlib import Path
from types import MappingProxyType

import gguf
import numpy as np
from numpy.typing import NDArray

from homeward.ports import Vector

Tensor = NDArray[np.floating]

COLOURS = ("red", "green", "blue")
PATCHES = 4

_WIDTH = 4  # of the encoder: three colours, and one that stays 0
_HIDDEN = 8  # of its layer's MLP; another width than the encoder's, or llama.cpp wonders
_STEEP = 10.0  # GELU(10) is 10 and GELU(-10) is 0, to float32


def write_projector(
    path: Path,
    words: Vector,
    *,
    kind: str = "mlp",
    more: Mapping[str, Tensor] = MappingProxyType({}),
) -> Path:
    """
    Write one for a model whose embeddings of the three words are `words`: (3, n_embd).

    Another `kind` reads the same numbers in its own way, if it does not miss a tensor; `more` adds.
    """
    writer = gguf.GGUFWriter(path, "clip")
    _describe(writer, words.shape[1], kind)
    for name, tensor in {**_tensors(words), **more}.items():
        writer.add_tensor(name, np.ascontiguousarray(tensor, dtype=np.float32))
    writer.write_header_to_file()
    writer.write_kv_data_to_file()
    writer.write_tensors_to_file()
    writer.close()
    return path


def _describe(writer: gguf.GGUFWriter, n_embd: int, kind: str) -> None:
    writer.add_bool("clip.has_vision_encoder", val=True)
    writer.add_string("clip.projector_type", kind)
    writer.add_bool("clip.use_gelu", val=True)
    numbers = {
        "image_size": 28,
        "patch_size": 14,
        "embedding_length": _WIDTH,
        "feed_forward_length": _HIDDEN,
        "block_count": 1,
        "projection_dim": n_embd,
        "attention.head_count": 1,
        "preproc_image_size": 28,  # read by types that cut an image into tiles: one will do
        "projector.scale_factor": 2,  # and by types that merge patches, all four into one
    }
    for name, number in numbers.items():
        writer.add_uint32(f"clip.vision.{name}", number)
    writer.add_float32("clip.vision.attention.layer_norm_epsilon", 1e-5)
    writer.add_array("clip.vision.image_mean", [0.5, 0.5, 0.5])
    writer.add_array("clip.vision.image_std", [0.5, 0.5, 0.5])


def _tensors(words: Vector) -> dict[str, Tensor]:
    mean = np.zeros((_WIDTH, 3, 14, 14), np.float32)
    last = np.zeros((words.shape[1], _WIDTH), np.float32)
    for colour in range(3):
        mean[colour, colour] = 1 / 14**2
        last[:, colour] = words[colour] / _STEEP
    return {
        "v.patch_embd.weight": mean,
        "v.position_embd.weight": np.zeros((PATCHES, _WIDTH)),
        "mm.0.weight": _STEEP * np.eye(_WIDTH),
        "mm.0.bias": np.zeros(_WIDTH),
        "mm.2.weight": last,
        "mm.2.bias": np.zeros(words.shape[1]),
        **_layer(),
    }


def _layer() -> dict[str, Tensor]:
    """The one layer, which never runs."""
    squares = ("attn_q", "attn_k", "attn_v", "attn_out")
    shapes = dict.fromkeys(squares, (_WIDTH, _WIDTH))
    shapes |= {"ffn_up": (_HIDDEN, _WIDTH), "ffn_down": (_WIDTH, _HIDDEN)}
    found: dict[str, Tensor] = {}
    for name, shape in shapes.items():
        found[f"v.blk.0.{name}.weight"] = np.zeros(shape)
        found[f"v.blk.0.{name}.bias"] = np.zeros(shape[0])
    for name in ("ln1", "ln2"):
        found[f"v.blk.0.{name}.weight"] = found[f"v.blk.0.{name}.bias"] = np.zeros(_WIDTH)
    return found
