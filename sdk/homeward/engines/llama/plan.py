"""Settles how a model will be run: the settings without gaps, checked before anything is loaded."""

from collections.abc import Sequence
from dataclasses import dataclass, replace

from homeward.engine_settings import EngineSettings, KvType
from homeward.engines.gguf import GgufHead
from homeward.engines.llama.devices import Gpu
from homeward.engines.llama.memory import MemoryNeed, ModelShape, check_fit, gigabytes, memory_need
from homeward.engines.llama.placement import wanted_layers
from homeward.engines.llama.threads import default_threads
from homeward.engines.runtime import CHUNK
from homeward.errors import CannotFit, InvalidArgument

DEFAULT_CONTEXT = 4096  # tokens; a longer cache costs memory that most conversations never use
GPU_BATCH = 512  # tokens a call; a GPU computes as many about as fast as 64
_BLOCK = 32  # numbers that share a scale in Q8_0


@dataclass(frozen=True, slots=True)
class LoadPlan:
    """How a model is run: `engine` leaves neither threads nor batches open."""

    engine: EngineSettings
    context: int
    gpu_layers: int
    need: MemoryNeed

    def check_cache(self, name: str, *, free: int) -> None:
        """
        Refuse one more conversation where its cache takes more than `free` bytes.

        Raises:
            CannotFit: with both numbers.
        """
        cache = self.need.kv + self.need.compute
        if cache > free:
            raise CannotFit(
                f"one more conversation with {name} takes {gigabytes(cache)} for its context "
                f"of {self.context} tokens and {gigabytes(free)} are free"
            )


def planned(
    name: str, head: GgufHead, engine: EngineSettings, *, gpus: Sequence[Gpu], free: int
) -> LoadPlan:
    """
    Settle what `engine` leaves open for the model of `head`; `free` are bytes of this machine.

    Raises:
        InvalidArgument: a setting does not go with the model, or asks for a GPU without one.
        CannotFit: it takes more memory than is free.
    """
    shape, context = ModelShape.of(head), context_of(head, engine)
    if engine.kv_type is KvType.Q8_0 and shape.head_width % _BLOCK:
        raise InvalidArgument(
            f"kv_type=q8_0 needs heads of a multiple of {_BLOCK} numbers; {name} has "
            f"{shape.head_width}"
        )
    batch = engine.batch or (GPU_BATCH if gpus and engine.gpu_layers != 0 else CHUNK)
    batch = min(batch, context)
    layers = wanted_layers(shape, engine, gpus, context=context, batch=batch)
    batch = batch if layers or engine.batch else min(CHUNK, context)
    elsewhere = sum(one.free for one in gpus if not one.shared) if layers else 0
    check_fit(name, shape, engine, context=context, batch=batch, free=free + elsewhere)
    need = memory_need(shape, engine, context=context, batch=batch)
    settled = replace(
        engine,
        threads=default_threads() if engine.threads is None else engine.threads,
        batch=batch,
        micro_batch=min(engine.micro_batch or batch, batch),
    )
    return LoadPlan(settled, context, layers, need)


def context_of(head: GgufHead, engine: EngineSettings) -> int:
    """
    Return the tokens that the model will read at once.

    Raises:
        InvalidArgument: more were asked for than it was trained for.
    """
    trained = head.number("context_length", 0)
    if trained <= 0:
        return engine.context or DEFAULT_CONTEXT
    most = int(trained * engine.stretch)
    if engine.context is None:
        return min(most, DEFAULT_CONTEXT)
    if engine.context > most:
        raise InvalidArgument(
            f"context={engine.context} must be at most {most}, the model's trained context"
            + (f" times {engine.stretch:g}" if engine.stretch != 1 else "; rope_scaling extends it")
        )
    return engine.context
