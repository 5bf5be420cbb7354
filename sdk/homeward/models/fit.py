"""
Estimates whether this machine can run a model, before anything of it is fetched.

By the size of its files alone: what a model really takes is computed from its file when it loads,
and refused there where it does not fit.
"""

from collections.abc import Iterable

from homeward.errors import CannotFit
from homeward.models.entry import CatalogueEntry, ModelUse

_BESIDE = 600 << 20  # bytes: a cache of 4,096 positions of a small model, and what computing takes
_SHARE = 1.1  # of the files: larger models have larger caches


def needed(entry: CatalogueEntry) -> int:
    """Bytes of memory that a model takes, estimated."""
    files = sum(file.bytes for file in entry.files if file.name.endswith((".gguf", ".safetensors")))
    return int(files * _SHARE) + (_BESIDE if entry.kind is ModelUse.LANGUAGE else 0)


def check(entry: CatalogueEntry, free: int) -> None:
    """
    Refuse a model that takes more than `free` bytes.

    Raises:
        CannotFit: with both numbers.
    """
    if needed(entry) > free:
        raise CannotFit(
            f"{entry.name} would take about {needed(entry) / 1e9:.1f} GB of memory "
            f"and {free / 1e9:.1f} GB are free"
        )


def best(entries: Iterable[CatalogueEntry], free: int) -> CatalogueEntry | None:
    """The model of the highest rank that leaves a third of the `free` memory to other programs."""
    fitting = [
        one
        for one in entries
        if one.rank and one.kind is ModelUse.LANGUAGE and needed(one) <= free * 2 // 3
    ]
    return max(fitting, key=lambda one: one.rank, default=None)


def free_memory() -> int:
    """Bytes that are free on this machine."""
    from homeward.engines.llama.devices import free_memory as measured  # noqa: PLC0415  loads it

    return measured()
