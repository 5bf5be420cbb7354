"""Decides how many layers go to a GPU, and goes on with fewer where they do not fit. Pure."""

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from typing import Generic, TypeVar

from homeward.engine_settings import EngineSettings
from homeward.engines.llama.devices import Gpu
from homeward.engines.llama.memory import ModelShape, layers_that_fit
from homeward.errors import CannotFit, InvalidArgument

T = TypeVar("T")


@dataclass(frozen=True, slots=True)
class Placed(Generic[T]):
    """What was loaded, with how many layers on a GPU, and what the person should know of it."""

    loaded: T
    gpu_layers: int
    notice: str = ""


def wanted_layers(
    shape: ModelShape, engine: EngineSettings, gpus: Sequence[Gpu], *, context: int, batch: int
) -> int:
    """
    How many layers to put on a GPU: those that were asked for, or as many as fit.

    Raises:
        InvalidArgument: some were asked for, and there is no GPU.
    """
    if not gpus:
        if engine.gpu_layers:
            raise InvalidArgument(
                f"gpu_layers={engine.gpu_layers}, but this build of llama.cpp knows no GPU: "
                "use 0, or reinstall llama-cpp-python with a GPU backend"
            )
        return 0
    if engine.gpu_layers is not None:
        return min(engine.gpu_layers, len(shape.layer_weights) + 1)
    return layers_that_fit(
        shape, engine, context=context, batch=batch, free=[one.free for one in gpus]
    )


def placed(wanted: int, load: Callable[[int], T]) -> Placed[T]:
    """
    Load with `wanted` layers on a GPU; where they do not fit after all, with fewer, then with none.

    Raises:
        CannotFit: not even without a GPU.
    """
    for count in _fewer(wanted):
        try:
            loaded = load(count)
        except CannotFit:
            if count == 0:
                raise
        else:
            return Placed(loaded, count, _notice(wanted, count))
    raise AssertionError  # the last count is 0


def _fewer(wanted: int) -> Iterator[int]:
    yield from dict.fromkeys((wanted, wanted * 2 // 3, wanted // 3, 0))


def _notice(wanted: int, count: int) -> str:
    if count == wanted:
        return ""
    instead = f"{count} are" if count else "none is"
    return f"{wanted} layers did not fit the GPU's memory; {instead} on it"
