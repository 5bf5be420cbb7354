"""
Starts llama.cpp once, silences it, and opens weights and contexts.

Every other module of this package that calls llama.cpp goes through a pointer opened here.
"""

import atexit
import ctypes
import re
from collections import deque
from functools import cache
from pathlib import Path

from llama_cpp import llama_cpp as native

from homeward.engine_settings import EngineSettings, KvType, RopeScaling
from homeward.engines.runtime import CHUNK
from homeward.errors import (
    CannotFit,
    InvalidArgument,
    ModelCorrupt,
    ModelError,
    UnsupportedModel,
)

CPU = EngineSettings(threads=1)  # where nobody chose anything

_SERIOUS = (3, 4)  # GGML_LOG_LEVEL_WARN, _ERROR
_recent: deque[str] = deque(maxlen=50)
_NO_MEMORY = re.compile(r"alloc|out of memory|cannot map|mmap failed", re.IGNORECASE)
_KV_TYPES = {KvType.F16: 1, KvType.Q8_0: 8}  # of enum ggml_type
_ROPE = {
    RopeScaling.LINEAR: native.LLAMA_ROPE_SCALING_TYPE_LINEAR,
    RopeScaling.YARN: native.LLAMA_ROPE_SCALING_TYPE_YARN,
}


@native.llama_log_callback  # type: ignore[untyped-decorator]
def keep_log(level: int, text: bytes, _: object) -> None:
    """Remember what llama.cpp or libmtmd logs, in place of printing it."""
    if level in _SERIOUS:
        _recent.append(text.decode("utf-8", "replace").strip())


def recent_log() -> list[str]:
    """The last warnings and errors of llama.cpp, which it would have printed to the terminal."""
    return list(_recent)


@cache
def start() -> None:
    """Start llama.cpp, once a process, and keep it from writing into the person's terminal."""
    native.llama_log_set(keep_log, None)
    # At exit llama.cpp may log after Python is gone. A function without arguments is a valid
    # callback that does nothing, and it is not Python.
    silence = ctypes.cast(native.llama_supports_mmap, native.llama_log_callback)
    atexit.register(native.llama_log_set, silence, None)
    native.llama_backend_init()


def state_layout(engine: EngineSettings, *, gpu_layers: int) -> str:
    """
    What the bytes of a saved state depend on.

    The release, the type of the numbers, how positions are told, and whether values lie transposed.
    """
    release: bytes = native.llama_version()
    rope = f"{engine.rope_scaling} {engine.rope_factor} {engine.rope_base}"
    flash = _flash_attention(engine, gpu_layers=gpu_layers)
    return (
        f"llama.cpp {release.decode()}, gpu={gpu_layers > 0}, kv={engine.kv_type.value}, "
        f"flash={flash}, rope={rope}"
    )


def load_weights(
    path: Path, *, architecture: str, engine: EngineSettings = CPU, gpu_layers: int = 0
) -> native.llama_model_p:
    """
    Map the weights of a file that `check_gguf` found whole, the last `gpu_layers` onto a GPU.

    Raises:
        CannotFit: there is no memory for them.
        UnsupportedModel: llama.cpp does not know the architecture, or it writes no text.
        ModelCorrupt: llama.cpp refuses the file for another reason.
    """
    start()
    _recent.clear()
    params = native.llama_model_default_params()
    params.n_gpu_layers = gpu_layers
    params.load_mode = _load_mode(engine)
    # The AMX kernels of this release die of SIGSEGV in their first batch when GCC < 13.2 built
    # them (it drops the stores to the tile configuration; ggml-org/llama.cpp#26954). They live in
    # the extra buffers.
    params.use_extra_bufts = b"AMX_INT8 = 1" not in native.llama_print_system_info()
    weights: native.llama_model_p | None = native.llama_model_load_from_file(
        str(path).encode(), params
    )
    if weights is None:
        raise _refused(path, architecture, " ".join(recent_log()))
    if native.llama_model_has_encoder(weights) or native.llama_model_is_diffusion(weights):
        native.llama_model_free(weights)
        raise UnsupportedModel(f"{path.name}: {architecture} does not continue text")
    return weights


def is_locked() -> bool:
    """Whether the weights that were just loaded could be locked in memory, as was asked for."""
    return not any("failed to mlock" in line for line in recent_log())


def _load_mode(engine: EngineSettings) -> int:
    if engine.memory_lock and not native.llama_supports_mlock():
        raise InvalidArgument("memory_lock=True: this system cannot lock memory")
    if engine.memory_map:
        mapped = (native.LLAMA_LOAD_MODE_AUTO, native.LLAMA_LOAD_MODE_MMAP_MLOCK)
        return int(mapped[engine.memory_lock])
    return int((native.LLAMA_LOAD_MODE_NONE, native.LLAMA_LOAD_MODE_MLOCK)[engine.memory_lock])


def _refused(path: Path, architecture: str, reason: str) -> ModelError:
    if "unknown model architecture" in reason:
        return UnsupportedModel(f"{path.name}: llama.cpp does not know {architecture!r}")
    if _NO_MEMORY.search(reason):
        return CannotFit(f"{path.name}: there is no memory for its weights")
    return ModelCorrupt(f"llama.cpp cannot load {path.name} ({architecture}): {reason}")


def open_context(
    weights: native.llama_model_p, *, n_ctx: int, engine: EngineSettings = CPU, gpu_layers: int = 0
) -> native.llama_context_p:
    """
    A KV cache for one sequence of at most `n_ctx` positions.

    Raises:
        CannotFit: there is no memory for it. ModelError: llama.cpp refuses it for another reason.
    """
    _recent.clear()
    params = native.llama_context_default_params()
    params.n_ctx = n_ctx
    params.n_batch = engine.batch or CHUNK
    params.n_ubatch = engine.micro_batch or params.n_batch
    params.n_threads = params.n_threads_batch = engine.threads or 1
    params.type_k = params.type_v = _KV_TYPES[engine.kv_type]
    params.flash_attn_type = _flash_attention(engine, gpu_layers=gpu_layers)
    _tell_positions(params, engine, trained=int(native.llama_model_n_ctx_train(weights)))
    params.no_perf = True
    context: native.llama_context_p | None = native.llama_init_from_model(weights, params)
    if context is None:
        reason = " ".join(recent_log())
        if _NO_MEMORY.search(reason):
            raise CannotFit(f"there is no memory for a context of {n_ctx} tokens")
        raise ModelError(f"llama.cpp cannot open a context of {n_ctx} tokens: {reason}")
    return context


def _flash_attention(engine: EngineSettings, *, gpu_layers: int) -> int:
    wanted = engine.flash_attention
    if wanted is None and engine.kv_type is KvType.F16:
        # On a CPU flash attention reads a prompt 6 % faster, but at 1,024 positions it writes 24
        # tokens a second instead of 41 (SmolLM2, one thread).
        auto, off = native.LLAMA_FLASH_ATTN_TYPE_AUTO, native.LLAMA_FLASH_ATTN_TYPE_DISABLED
        return int(auto if gpu_layers else off)
    on, off = native.LLAMA_FLASH_ATTN_TYPE_ENABLED, native.LLAMA_FLASH_ATTN_TYPE_DISABLED
    return int(off if wanted is False else on)


def _tell_positions(
    params: native.llama_context_params, engine: EngineSettings, *, trained: int
) -> None:
    if engine.rope_base is not None:
        params.rope_freq_base = engine.rope_base
    if engine.rope_scaling is not None:
        params.rope_scaling_type = _ROPE[engine.rope_scaling]
        params.rope_freq_scale = 1 / engine.stretch
        params.yarn_orig_ctx = trained
