"""
Defines the options for the language model: which it is, and one for each field of `EngineSettings`.

They stand before a command, and after those that open a model, where people look for them.
"""

import dataclasses
import functools
import inspect
from collections.abc import Callable, Mapping
from typing import Annotated, Any

import typer

from homeward.cli.options import Options
from homeward.engine_settings import EngineSettings, KvType, RopeScaling

_PANEL = "How the language model is run"
_PREFIX = "engine_"  # a command has a `context` of typer's

Model = Annotated[
    str | None,
    typer.Option(
        "--model",
        "-m",
        help="A model's name from `homeward models list`, or the path of a GGUF file.",
    ),
]


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
            help="Tokens of a batch to compute at once; by default all of them.",
        ),
    ],
    "kv_type": Annotated[
        KvType,
        _option(
            "--kv-type",
            variable="KV_TYPE",
            help="Type of the numbers in the KV cache; q8_0 takes half of the memory.",
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
            help="How many times longer than the trained context; needs --rope-scaling.",
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

    def with_engine(**given: Any) -> None:  # noqa: ANN401
        engine = EngineSettings(**{name: given.pop(_PREFIX + name) for name in _OPTIONS})
        command(**given, engine=engine)

    return _taking(with_engine, command, _engine_parameters(), without=("engine",))


def with_model_options(command: Callable[..., None]) -> Callable[..., None]:
    """Let `command` take the model and these options, too; they win over those before its name."""

    def with_model(context: typer.Context, **given: Any) -> None:  # noqa: ANN401
        names = ("model", *(_PREFIX + name for name in _OPTIONS))
        said = {name: given.pop(name) for name in names}
        context.obj = _changed(context.obj, {k: v for k, v in said.items() if _typed(context, k)})
        command(context=context, **given)

    model = inspect.Parameter(
        "model", inspect.Parameter.KEYWORD_ONLY, default=None, annotation=Model
    )
    return _taking(with_model, command, [model, *_engine_parameters()])


def _changed(options: Options, said: Mapping[str, Any]) -> Options:
    engine = {name: said[_PREFIX + name] for name in _OPTIONS if _PREFIX + name in said}
    return dataclasses.replace(
        options,
        model=said.get("model", options.model),
        engine=dataclasses.replace(options.engine, **engine),
    )


def _typed(context: typer.Context, name: str) -> bool:
    """Whether it stands after the command; the environment's was read before that."""
    source = context.get_parameter_source(name)
    return source is not None and source.name == "COMMANDLINE"


def _engine_parameters() -> list[inspect.Parameter]:
    defaults = EngineSettings()
    return [
        inspect.Parameter(
            _PREFIX + name,
            inspect.Parameter.KEYWORD_ONLY,
            default=getattr(defaults, name),
            annotation=kind,
        )
        for name, kind in _OPTIONS.items()
    ]


def _taking(
    function: Callable[..., None],
    command: Callable[..., None],
    added: list[inspect.Parameter],
    *,
    without: tuple[str, ...] = (),
) -> Callable[..., None]:
    """Return `function` under the name of `command`, with its parameters and those added."""
    own = inspect.signature(command, eval_str=True).parameters.values()
    parameters = [*(one for one in own if one.name not in without), *added]
    functools.update_wrapper(function, command)
    function.__signature__ = inspect.Signature(parameters)  # type: ignore[attr-defined]  # typer's
    function.__annotations__ = {one.name: one.annotation for one in parameters}
    return function
