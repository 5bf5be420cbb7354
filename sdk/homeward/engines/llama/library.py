"""
Starts llama.cpp once, silences it, and opens weights and contexts.

Every other module of this package that calls llama.cpp goes through a pointer opened here.
"""

import atexit
import ctypes
from collections import deque
from functools import cache
from pathlib import Path

from llama_cpp import llama_cpp as native

from homeward.engines.runtime import CHUNK
from homeward.errors import ModelCorrupt, ModelError, UnsupportedModel

_SERIOUS = (3, 4)  # GGML_LOG_LEVEL_WARN, _ERROR
_recent: deque[str] = deque(maxlen=50)


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


def state_layout() -> str:
    """What the bytes of a saved state depend on: the release, and whether values lie transposed."""
    release: bytes = native.llama_version()
    return f"llama.cpp {release.decode()}, gpu={native.llama_supports_gpu_offload()}"


def load_weights(path: Path, *, architecture: str, offload: bool = True) -> native.llama_model_p:
    """
    Map the weights of a file that `check_gguf` found whole; without `offload`, none to a GPU.

    Raises:
        UnsupportedModel: llama.cpp does not know the architecture, or it writes no text.
        ModelCorrupt: llama.cpp refuses the file for another reason.
    """
    start()
    _recent.clear()
    params = native.llama_model_default_params()
    if not offload:
        params.n_gpu_layers = 0
    # The AMX kernels of this release die of SIGSEGV in their first batch when GCC < 13.2 built
    # them (it drops the stores to the tile configuration; ggml-org/llama.cpp#26954). They live in
    # the extra buffers.
    params.use_extra_bufts = b"AMX_INT8 = 1" not in native.llama_print_system_info()
    weights: native.llama_model_p | None = native.llama_model_load_from_file(
        str(path).encode(), params
    )
    if weights is None:
        reason = " ".join(recent_log())
        if "unknown model architecture" in reason:
            raise UnsupportedModel(f"{path.name}: llama.cpp does not know {architecture!r}")
        raise ModelCorrupt(f"llama.cpp cannot load {path.name} ({architecture}): {reason}")
    if native.llama_model_has_encoder(weights) or native.llama_model_is_diffusion(weights):
        native.llama_model_free(weights)
        raise UnsupportedModel(f"{path.name}: {architecture} does not continue text")
    return weights


def open_context(
    weights: native.llama_model_p, *, n_ctx: int, threads: int
) -> native.llama_context_p:
    """
    A KV cache for one sequence of at most `n_ctx` positions.

    Raises:
        ModelError: there is no memory for it.
    """
    params = native.llama_context_default_params()
    params.n_ctx = n_ctx
    params.n_batch = params.n_ubatch = CHUNK
    params.n_threads = params.n_threads_batch = threads
    if not native.llama_supports_gpu_offload():
        # On a CPU flash attention reads a prompt 6 % faster, but at 1,024 positions it writes 24
        # tokens a second instead of 41 (SmolLM2, one thread).
        params.flash_attn_type = native.LLAMA_FLASH_ATTN_TYPE_DISABLED
    params.no_perf = True
    context: native.llama_context_p | None = native.llama_init_from_model(weights, params)
    if context is None:
        raise ModelError(f"no memory for a context of {n_ctx} tokens")
    return context
