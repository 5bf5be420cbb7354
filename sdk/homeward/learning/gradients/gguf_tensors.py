"""Maps the tensors of a GGUF file into memory, and dequantizes them when they are asked for."""

import mmap
from dataclasses import dataclass
from pathlib import Path

import gguf
import numpy as np
from numpy.typing import NDArray

from homeward.engines.gguf import GgufHead, TensorPlace, whole_head
from homeward.errors import UnsupportedModel
from homeward.ports import Vector

_ROWS_AT_ONCE = 4096  # dequantizing makes temporaries as large as its slice: keep the peak low


@dataclass(frozen=True, slots=True)
class GgufTensor:
    """
    One tensor, still quantized. `shape` is rows first, as numpy has it.

    Shapes:
        data: (bytes,) uint8, as they lie in the file.
    """

    shape: tuple[int, ...]
    kind: gguf.GGMLQuantizationType
    data: NDArray[np.uint8]  # its bytes, in the mapped file

    def dequantize(self) -> Vector:
        """
        Its numbers as float32, computed a slice at a time.

        Shapes:
            Returns `shape`, float32.
        """
        out = np.empty(self.shape, np.float32)
        rows = out.reshape(-1, self.shape[-1])
        stored = self.data.reshape(len(rows), -1)
        for start in range(0, len(rows), _ROWS_AT_ONCE):
            here = slice(start, start + _ROWS_AT_ONCE)
            rows[here] = gguf.dequantize(stored[here], self.kind).reshape(rows[here].shape)
        return out


def map_tensors(path: Path) -> tuple[GgufHead, dict[str, GgufTensor]]:
    """
    Return the head of the file and its tensors by name, still on the disk.

    Raises:
        ModelNotFound, CannotFit, ModelCorrupt: as `whole_head`.
        UnsupportedModel: a version or a tensor type that is not known.
    """
    head = whole_head(path)
    with path.open("rb") as file:
        mapped = np.frombuffer(mmap.mmap(file.fileno(), 0, access=mmap.ACCESS_READ), np.uint8)
    return head, {name: _tensor(name, one, mapped) for name, one in head.tensors.items()}


def _tensor(name: str, place: TensorPlace, mapped: NDArray[np.uint8]) -> GgufTensor:
    if not place.size or place.kind not in set(gguf.GGMLQuantizationType):
        raise UnsupportedModel(f"tensor {name} has the unknown type {place.kind}")
    data = mapped[place.offset : place.offset + place.size]
    return GgufTensor(place.shape, gguf.GGMLQuantizationType(place.kind), data)
