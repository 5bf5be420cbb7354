"""Reports the memory that is free: of this machine, and of the GPUs that ggml's backends know."""

import ctypes
import os
import sys
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from llama_cpp._ggml import libggml  # llama_cpp offers no ggml function itself

from homeward.engines.llama.library import start

_MEMINFO = Path("/proc/meminfo")
_CGROUP = Path("/sys/fs/cgroup")
_GPU, _INTEGRATED = 1, 2  # of enum ggml_backend_dev_type; 0 is the CPU
_HANDLE, _SIZE = ctypes.c_void_p, ctypes.c_size_t


@dataclass(frozen=True, slots=True)
class Gpu:
    """A GPU as its backend reports it."""

    name: str
    free: int  # bytes
    shared: bool = False  # its memory is the machine's own


def gpus() -> tuple[Gpu, ...]:
    """The GPUs that this build of llama.cpp can use; none in a build for processors."""
    return tuple(_gpu(device) for device in _devices() if _kind(device) in (_GPU, _INTEGRATED))


def free_memory() -> int:
    """
    Bytes that this process may still take without swapping.

    The least of what the system says is available, of what a container leaves and of the process's
    own limit. Where neither can be read, as on macOS, what ggml reports of the processor.
    """
    found = [room for room in (_available(), _container(), _limit()) if room is not None]
    return max(0, min(found)) if found else max(_memory(one) for one in _devices())


def _available() -> int | None:
    try:
        lines = _MEMINFO.read_text().splitlines()
    except OSError:
        return None
    [kilobytes] = [line.split()[1] for line in lines if line.startswith("MemAvailable:")]
    return int(kilobytes) * 1024


def _container() -> int | None:
    """What the cgroup leaves; pages of files count as free, since they are given up first."""
    try:
        most = (_CGROUP / "memory.max").read_text().strip()
        now = int((_CGROUP / "memory.current").read_text())
        stat = dict(line.split() for line in (_CGROUP / "memory.stat").read_text().splitlines())
        return None if most == "max" else int(most) - now + int(stat["inactive_file"])
    except (OSError, ValueError, KeyError):  # no cgroup v2
        return None


def _limit() -> int | None:
    """What `ulimit -v` leaves."""
    if sys.platform != "linux":
        return None
    import resource  # noqa: PLC0415  not on Windows

    most, _ = resource.getrlimit(resource.RLIMIT_AS)
    if most == resource.RLIM_INFINITY:
        return None
    pages = int(Path("/proc/self/statm").read_text().split()[0])
    return most - pages * os.sysconf("SC_PAGE_SIZE")


def _devices() -> Iterator[Any]:
    start()
    for at in range(_call("ggml_backend_dev_count", _SIZE)):
        yield _call("ggml_backend_dev_get", _HANDLE, _SIZE(at))


def _gpu(device: Any) -> Gpu:  # noqa: ANN401  a pointer
    name: bytes = _call("ggml_backend_dev_name", ctypes.c_char_p, _HANDLE(device))
    shared = sys.platform == "darwin" or _kind(device) == _INTEGRATED
    return Gpu(name.decode(), _memory(device), shared=shared)


def _kind(device: Any) -> int:  # noqa: ANN401
    return int(_call("ggml_backend_dev_type", ctypes.c_int, _HANDLE(device)))


def _memory(device: Any) -> int:  # noqa: ANN401
    free, total = _SIZE(), _SIZE()
    _call("ggml_backend_dev_memory", None, _HANDLE(device), ctypes.byref(free), ctypes.byref(total))
    return free.value


def _call(name: str, returns: Any, *arguments: Any) -> Any:  # noqa: ANN401  C
    function = libggml[name]  # a new object each time, so that nobody else's types change
    function.restype = returns
    return function(*arguments)
