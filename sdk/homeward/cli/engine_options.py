"""Defines the options for how the language model is run, one for each field of `EngineSettings`."""

import functools
import inspect
from collections.abc import Callable
from typing import Annotated, Any

import typer

from homeward.engine_settings import EngineSettings, KvType, RopeScaling

_PANEL = "How the language model is run"
_PREFIX = "engine_"


def _option(*names: str, variable: str, help: str) -> Any:  # noqa: A002, ANN401  as typer's own
    return typer.Option(
        *names,
        envvar=f"HOMEWARD_{variable}",
        show_envvar=False,  # they are the options' names in capitals; the panel stays readable
        rich_help_panel=_PANEL,
        help=help,
    )


_OPTIONS: dict[str, Any] = {
    "context": Annotated[
        int | None,
        _option(
            "--context",
            variable="CONTEXT",
            help="Tokens that the model reads at once; by default 4096, or fewer if it was trained "
            "for fewer. More takes more memory.",
        ),
    ],
    "threads": Annotated[
        int | None,
        _option(
            "--threads",
            variable="THREADS",
            help="Threads to compute with; by default one less than the cores, at most 8.",
        ),
    ],
    "gpu_layers": Annotated[
        int | None,
        _option(
            "--gpu-layers",
            variable="GPU_LAYERS",
            help="Layers to put on a GPU; by default as many as fit its free memory. 0 uses none.",
        ),
    ],
    "batch": Annotated[
        int | None,
        _option(
            "--batch",
            variable="BATCH",
            help="Tokens of a prompt to read at once; by default 64, and 512 on a GPU.",
        ),
    ],
    "micro_batch": Annotated[
        int | None,
        _option(
            "--micro-batch",
            variable="MICRO_BATCH",
            help="Of a batch, the tokens to compute at once; by default all.",
        ),
    ],
    "kv_type": Annotated[
        KvType,
        _option(
            "--kv-type",
            variable="KV_TYPE",
            help="Numbers in the cache of a conversation; q8_0 takes half of the memory.",
        ),
    ],
    "flash_attention": Annotated[
        bool | None,
        _option(
            "--flash-attention/--no-flash-attention",
            variable="FLASH_ATTENTION",
            help="Use flash attention; by default on a GPU, and with --kv-type q8_0.",
        ),
    ],
    "memory_map": Annotated[
        bool,
        _option(
            "--memory-map/--no-memory-map",
            variable="MEMORY_MAP",
            help="Read the weights from the file as they are needed, or copy them all first.",
        ),
    ],
    "memory_lock": Annotated[
        bool,
        _option(
            "--memory-lock/--no-memory-lock",
            variable="MEMORY_LOCK",
            help="Keep the weights from being swapped out.",
        ),
    ],
    "rope_scaling": Annotated[
        RopeScaling | None,
        _option(
            "--rope-scaling",
            variable="ROPE_SCALING",
            help="Read more than the model was trained for, by stretching its positions.",
        ),
    ],
    "rope_factor": Annotated[
        float | None,
        _option(
            "--rope-factor",
            variable="ROPE_FACTOR",
            help="How many times the trained context; goes with --rope-scaling.",
        ),
    ],
    "rope_base": Annotated[
        float | None,
        _option(
            "--rope-base",
            variable="ROPE_BASE",
            help="The base of the positions' frequencies; by default the file's own.",
        ),
    ],
}


def with_engine_options(command: Callable[..., None]) -> Callable[..., None]:
    """Give `command` these options in place of its parameter `engine`."""
    own = inspect.signature(command, eval_str=True).parameters
    defaults = EngineSettings()
    added = [
        inspect.Parameter(
            _PREFIX + name,  # a command has a `context` of typer's
            inspect.Parameter.KEYWORD_ONLY,
            default=getattr(defaults, name),
            annotation=kind,
        )
        for name, kind in _OPTIONS.items()
    ]

    @functools.wraps(command)
    def with_engine(*args: Any, **given: Any) -> None:  # noqa: ANN401
        engine = EngineSettings(**{name: given.pop(_PREFIX + name) for name in _OPTIONS})
        command(*args, **given, engine=engine)

    kept = [one for name, one in own.items() if name != "engine"]
    signature = inspect.Signature([*kept, *added])
    with_engine.__signature__ = signature  # type: ignore[attr-defined]  # what typer reads
    with_engine.__annotations__ = {one.name: one.annotation for one in [*kept, *added]}
    return with_engine
