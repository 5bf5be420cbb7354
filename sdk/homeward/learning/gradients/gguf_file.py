"""
Reads the head of a GGUF file: its scalar metadata and where its tensors lie.

The `gguf` package's own reader makes objects of every token in the vocabulary: 100 MB and two
seconds that learning has no use for. Its dequantization is used as it is.

Source: github.com/ggml-org/ggml, docs/gguf.md, version 3.
"""

import mmap
import struct
from collections.abc import Mapping
from dataclasses import dataclass
from math import prod
from pathlib import Path
from typing import BinaryIO

import gguf
import numpy as np
from numpy.typing import NDArray

from homeward.errors import ModelCorrupt, ModelNotFound, UnsupportedModel
from homeward.ports import Vector

_SCALARS = {
    0: "<B",
    1: "<b",
    2: "<H",
    3: "<h",
    4: "<I",
    5: "<i",
    6: "<f",
    7: "<?",
    10: "<Q",
    11: "<q",
    12: "<d",
}
_TEXT, _ARRAY = 8, 9
_LONGEST_TEXT = 1 << 24  # a chat template is some kB; more means that the file is damaged
_ROWS_AT_ONCE = 4096  # dequantizing makes temporaries as large as its slice: keep the peak low

Scalar = int | float | bool | str


@dataclass(frozen=True, slots=True)
class GgufTensor:
    """One tensor, still quantized. `shape` is rows first, as numpy has it."""

    shape: tuple[int, ...]
    kind: gguf.GGMLQuantizationType
    data: NDArray[np.uint8]  # its bytes, in the mapped file

    def dequantize(self) -> Vector:
        """Its numbers as float32, computed a slice at a time."""
        out = np.empty(self.shape, np.float32)
        rows = out.reshape(-1, self.shape[-1])
        stored = self.data.reshape(len(rows), -1)
        for start in range(0, len(rows), _ROWS_AT_ONCE):
            here = slice(start, start + _ROWS_AT_ONCE)
            rows[here] = gguf.dequantize(stored[here], self.kind).reshape(rows[here].shape)
        return out


def read_head(path: Path) -> tuple[Mapping[str, Scalar], dict[str, GgufTensor]]:
    """
    Scalar metadata, arrays left out, and the tensors by name.

    Raises:
        ModelNotFound: no file there.
        ModelCorrupt: not a GGUF file, or a truncated one.
        UnsupportedModel: a version or a tensor type that is not known.
    """
    if not path.is_file():
        raise ModelNotFound(f"no model file at {path}")
    try:
        with path.open("rb") as file:
            return _read(file, path.stat().st_size)
    except (struct.error, UnicodeDecodeError, ValueError, KeyError, OverflowError) as err:
        raise ModelCorrupt(f"{path.name} is not a whole GGUF file") from err


def _read(file: BinaryIO, size: int) -> tuple[Mapping[str, Scalar], dict[str, GgufTensor]]:
    magic, version, tensors, pairs = struct.unpack("<4sIQQ", file.read(24))
    if magic != b"GGUF":
        raise ValueError("no GGUF magic")
    if version not in {2, 3}:
        raise UnsupportedModel(f"GGUF version {version} is not known")
    metadata: dict[str, Scalar] = {}
    for _ in range(pairs):
        name = _text(file)
        value = _value(file, _number(file, "<I"))
        if value is not None:
            metadata[name] = value
    places = [_place(file) for _ in range(tensors)]
    alignment = int(metadata.get("general.alignment", 32))
    begin = -(-file.tell() // alignment) * alignment
    mapped = np.frombuffer(mmap.mmap(file.fileno(), 0, access=mmap.ACCESS_READ), np.uint8)
    return metadata, {
        name: GgufTensor(shape, kind, _bytes(mapped, begin + offset, shape, kind, size))
        for name, shape, kind, offset in places
    }


def _place(file: BinaryIO) -> tuple[str, tuple[int, ...], gguf.GGMLQuantizationType, int]:
    name = _text(file)
    dims = [_number(file, "<Q") for _ in range(_number(file, "<I"))]
    code = _number(file, "<I")
    if code not in set(gguf.GGMLQuantizationType):
        raise UnsupportedModel(f"tensor {name} has the unknown type {code}")
    return name, tuple(reversed(dims)), gguf.GGMLQuantizationType(code), _number(file, "<Q")


def _bytes(
    mapped: NDArray[np.uint8],
    offset: int,
    shape: tuple[int, ...],
    kind: gguf.GGMLQuantizationType,
    size: int,
) -> NDArray[np.uint8]:
    block, block_bytes = gguf.GGML_QUANT_SIZES[kind]
    length = prod(shape) // block * block_bytes
    if offset + length > size:
        raise ValueError("a tensor ends after the file")
    data: NDArray[np.uint8] = mapped[offset : offset + length]
    return data


def _value(file: BinaryIO, kind: int) -> Scalar | None:
    if kind == _TEXT:
        return _text(file)
    if kind != _ARRAY:
        value: Scalar = _unpack(file, _SCALARS[kind])
        return value
    inner, count = _number(file, "<I"), _number(file, "<Q")
    if inner in _SCALARS:
        file.seek(struct.calcsize(_SCALARS[inner]) * count, 1)
        return None
    for _ in range(count):
        _value(file, inner)
    return None


def _text(file: BinaryIO) -> str:
    length = _number(file, "<Q")
    if length > _LONGEST_TEXT:
        raise ValueError("a text longer than any metadata")
    found = file.read(length)
    if len(found) < length:
        raise ValueError("a text ends after the file")
    return found.decode("utf-8", errors="replace")


def _number(file: BinaryIO, form: str) -> int:
    return int(_unpack(file, form))


def _unpack(file: BinaryIO, form: str) -> int | float | bool:
    value: int | float | bool = struct.unpack(form, file.read(struct.calcsize(form)))[0]
    return value
