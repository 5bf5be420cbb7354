"""Defines how a language model is loaded and run: context, memory, GPU. Pure; knows no runtime."""

import math
from dataclasses import dataclass
from enum import StrEnum

from homeward.errors import InvalidArgument
from homeward_store.typed import doors

MOST_THREADS = 1024
MOST_CONTEXT = 1 << 24  # tokens; no model was trained for as many


class KvType(StrEnum):
    """The type of the numbers in the KV cache."""

    F16 = "f16"
    Q8_0 = "q8_0"  # half of the memory, read by flash attention only


class RopeScaling(StrEnum):
    """How positions beyond the trained context are told to the model."""

    LINEAR = "linear"
    YARN = "yarn"


@doors
@dataclass(frozen=True, slots=True)
class EngineSettings:
    """
    How the language model is loaded and run. None leaves a value to the engine.

    Raises:
        InvalidArgument: a value is out of range, or does not go with another; what depends on the
            model or on the machine is refused when the model loads.
    """

    # Tokens; None: what the model was trained for, at most 4096, since memory grows with it.
    context: int | None = None
    threads: int | None = None  # None: one less than the physical cores, at most 8
    gpu_layers: int | None = None  # None: as many as fit the GPU's free memory; 0: none
    batch: int | None = None  # tokens of a prompt a call; None: 64, on a GPU 512
    micro_batch: int | None = None  # of them, as many are computed at once; None: all
    kv_type: KvType = KvType.F16
    flash_attention: bool | None = None  # None: on a GPU, and where the KV type needs it
    memory_map: bool = True  # the file's pages are the weights, and shared; False: they are copied
    memory_lock: bool = False  # the weights are never swapped out
    rope_scaling: RopeScaling | None = None  # None: as the file says
    rope_factor: float | None = None  # times the trained context; goes with `rope_scaling`
    rope_base: float | None = None  # the base of the rotation's frequencies

    def __post_init__(self) -> None:
        _in_range("context", self.context, 1, MOST_CONTEXT)
        _in_range("threads", self.threads, 1, MOST_THREADS)
        _in_range("gpu_layers", self.gpu_layers, 0, 1024)
        _in_range("batch", self.batch, 1, 16384)
        _in_range("micro_batch", self.micro_batch, 1, 16384)
        _in_range("rope_factor", self.rope_factor, 1, 64)
        _in_range("rope_base", self.rope_base, 1, 10**9)
        if self.micro_batch and self.micro_batch > (self.batch or self.micro_batch):
            raise InvalidArgument(
                f"micro_batch={self.micro_batch} must be at most batch={self.batch}"
            )
        if self.kv_type is KvType.Q8_0 and self.flash_attention is False:
            raise InvalidArgument("kv_type=q8_0 needs flash_attention: leave it out, or use f16")
        if (self.rope_scaling is None) != (self.rope_factor is None):
            raise InvalidArgument("rope_scaling and rope_factor go together: give both or neither")

    @property
    def stretch(self) -> float:
        """How many times the trained context the model may read."""
        return self.rope_factor or 1.0


def _in_range(name: str, value: float | None, least: float, most: float) -> None:
    if value is not None and not (math.isfinite(value) and least <= value <= most):
        raise InvalidArgument(f"{name}={value} must be {least} to {most}")
