"""
llama.cpp through llama-cpp-python with nothing around it: what `benchmarks.memory` compares with.

A process of its own that imports nothing of Homeward.

    python -m benchmarks.memory_bare FILE CONTEXT f16|q8_0 TOKENS REPLIED
"""

import ctypes
import json
import sys
from pathlib import Path

from llama_cpp import llama_cpp as native

BATCH = 512  # what llama_cpp.Llama takes unless it is told otherwise
MEGABYTE = 10**6


@native.llama_log_callback  # type: ignore[untyped-decorator]
def quiet(*_: object) -> None:
    """Print nothing."""


def held() -> dict[str, float]:
    """Megabytes that this process has in RAM now: all, and those that are no file's."""
    lines = Path("/proc/self/smaps_rollup").read_text().splitlines()[1:]
    kilobytes = {line.split(":")[0]: int(line.split()[1]) for line in lines}
    return {
        "resident": kilobytes["Rss"] * 1024 / MEGABYTE,
        "anonymous": kilobytes["Anonymous"] * 1024 / MEGABYTE,
    }


def main(file: str, context: int, kv_type: str, tokens: int, replied: int) -> None:
    """Decode a prompt, then one token after the other, and print what is held."""
    native.llama_log_set(quiet, None)
    native.llama_backend_init()
    params = native.llama_model_default_params()
    # As in homeward.engines.llama.library: with them this release dies on processors with AMX.
    params.use_extra_bufts = b"AMX_INT8 = 1" not in native.llama_print_system_info()
    weights = native.llama_model_load_from_file(file.encode(), params)
    wanted = native.llama_context_default_params()
    wanted.n_ctx, wanted.n_batch, wanted.n_ubatch = context, BATCH, BATCH
    wanted.n_threads = wanted.n_threads_batch = 1
    wanted.flash_attn_type = native.LLAMA_FLASH_ATTN_TYPE_DISABLED  # llama_cpp.Llama's default
    if kv_type == "q8_0":
        wanted.flash_attn_type = native.LLAMA_FLASH_ATTN_TYPE_ENABLED  # nothing else reads it
        wanted.type_k = wanted.type_v = 8
    opened = native.llama_init_from_model(weights, wanted)
    for count in (tokens, *[1] * replied):
        ids = (ctypes.c_int32 * count)(*range(1000, 1000 + count))
        if native.llama_decode(opened, native.llama_batch(n_tokens=count, token=ids)):
            raise RuntimeError("llama_decode failed")
    print(json.dumps(held()))


if __name__ == "__main__":
    main(sys.argv[1], int(sys.argv[2]), sys.argv[3], int(sys.argv[4]), int(sys.argv[5]))
