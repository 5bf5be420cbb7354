"""
Finds where the tensors of a safetensors file lie.

Written out here because it is short: the `safetensors` package would be one more dependency, and
hides the offsets that let an ONNX graph use the file's weights in place.
"""

import json
import math
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from homeward.errors import ModelCorrupt

_MAX_HEADER = 100_000_000  # bytes; the format's own limit


@dataclass(frozen=True, slots=True)
class SafetensorsTensor:
    """A float32 tensor's place in the file."""

    shape: tuple[int, ...]
    offset: int  # bytes from the start of the file
    length: int  # bytes


def tensors(file: Path) -> dict[str, SafetensorsTensor]:
    """
    The float32 tensors of `file` by name.

    Guarantees:
        Every tensor lies inside the file and is as long as its shape says.

    Raises:
        ModelCorrupt: the header is not that of a safetensors file, or names a place outside it.

    Source:
        github.com/huggingface/safetensors, "Format": 8 bytes little-endian header length, JSON
        header, then the tensors' bytes.
    """
    size = file.stat().st_size
    try:
        with file.open("rb") as stream:
            length = int.from_bytes(stream.read(8), "little")
            # A wrong length must not fill the memory; a short read is then no JSON.
            header = json.loads(stream.read(min(length, _MAX_HEADER)))
        rows = {name: row for name, row in header.items() if name != "__metadata__"}
        return {
            name: _tensor(row, start=8 + length, size=size)
            for name, row in rows.items()
            if row["dtype"] == "F32"
        }
    except (ValueError, KeyError, TypeError, AttributeError) as err:
        raise ModelCorrupt(f"{file.name} is not a safetensors file: {err}") from err


def _tensor(row: dict[str, list[int]], *, start: int, size: int) -> SafetensorsTensor:
    begin, end = row["data_offsets"]
    shape = tuple(row["shape"])
    if not 0 <= begin <= end <= size - start or min(shape, default=1) < 0:
        raise ValueError(f"a tensor at {begin}..{end} of {size - start} bytes")
    if end - begin != 4 * math.prod(shape):
        raise ValueError(f"{end - begin} bytes for shape {shape}")
    return SafetensorsTensor(shape, start + begin, end - begin)


def load(file: Path, tensor: SafetensorsTensor) -> NDArray[np.float32]:
    """
    The numbers of `tensor`, read from the disk when they are used.

    Shapes:
        Returns the tensor's shape, float32.
    """
    return np.memmap(file, np.dtype("<f4"), "r", tensor.offset, tensor.shape)
