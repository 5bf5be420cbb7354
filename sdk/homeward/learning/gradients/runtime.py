"""Runs compiled graphs in ONNX Runtime on arrays that are not copied."""

import math
from collections.abc import Mapping, Sequence
from functools import cache

import numpy as np
from numpy.typing import NDArray

from homeward.engines.ort import onnxruntime as ort, open_session, session_options
from homeward.ports import Vector

Array = NDArray[np.float32] | NDArray[np.int64]
# Regions as large as asked for (1), not the next power of two: half of that would lie idle.
_ARENA = {"arena_extend_strategy": 1}
_ITEM_BYTES = {"tensor(float)": 4, "tensor(int64)": 8}  # 1.22 does not say a tensor's size


class Value:
    """An array where the runtime can read it, without a copy; the array must not be written."""

    def __init__(self, source: Array | ort.OrtValue) -> None:
        # The runtime borrows an array's memory, so the array lives as long as the value.
        self._array = source if isinstance(source, ort.OrtValue) else np.ascontiguousarray(source)
        self.handle = (
            source
            if isinstance(source, ort.OrtValue)
            else ort.OrtValue.ortvalue_from_numpy(self._array)
        )

    @property
    def nbytes(self) -> int:
        """Bytes that it holds."""
        shape: list[int] = self.handle.shape()
        return math.prod(shape) * _ITEM_BYTES[self.handle.data_type()]

    def reals(self) -> Vector:
        """Its numbers, where they are float32."""
        array: Vector = self.handle.numpy()
        return array

    def wholes(self) -> NDArray[np.int64]:
        """Its numbers, where they are int64."""
        array: NDArray[np.int64] = self.handle.numpy()
        return array


class Kernel:
    """One compiled graph."""

    def __init__(self, model: bytes, *, threads: int) -> None:
        _share_arena()
        options = session_options(threads=threads)
        # Shapes differ from step to step, so a plan for one of them only holds memory.
        options.enable_mem_pattern = False
        options.add_session_config_entry("session.use_env_allocators", "1")
        self._session = open_session(model, options)
        self._inputs = [info.name for info in self._session.get_inputs()]

    def __call__(self, outputs: Sequence[str], *feeds: Mapping[str, Value]) -> list[Value]:
        """Run; later feeds win over earlier ones, and what the graph does not need is left out."""
        merged = {name: value for feed in feeds for name, value in feed.items()}
        chosen = {name: merged[name].handle for name in self._inputs}
        return [Value(v) for v in self._session.run_with_ort_values(list(outputs), chosen)]


@cache
def _share_arena() -> None:
    """One arena for all graphs: fresh pages from the system cost more than the sums on them."""
    memory = ort.OrtMemoryInfo(
        "Cpu", ort.OrtAllocatorType.ORT_ARENA_ALLOCATOR, 0, ort.OrtMemType.DEFAULT
    )
    ort.create_and_register_allocator(memory, ort.OrtArenaCfg(_ARENA))
