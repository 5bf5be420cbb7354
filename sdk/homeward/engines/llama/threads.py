"""Chooses how many threads a model uses by default."""

import os
from pathlib import Path

_TOPOLOGY = Path("/sys/devices/system/cpu")
_CPU_MAX = Path("/sys/fs/cgroup/cpu.max")
_MOST_THREADS = 8  # decoding waits for memory: more threads add little and starve the app


def default_threads() -> int:
    """
    Physical cores that this process may use but one, at least 1 and at most 8.

    The one is for the app and everything else: threads that share a core with other load make
    every matrix product wait. Two threads on two busy cores drew one token a second where one
    thread drew fourteen.

    Two hyper-threads of one core share the units that multiply matrices, so the second one only
    adds waiting. A container's CPU quota counts: threads above it are paused, and every matrix
    product waits for the slowest thread.
    """
    return max(1, min(_physical_cores() - 1, _quota(), _MOST_THREADS))


def _physical_cores() -> int:
    if not hasattr(os, "sched_getaffinity"):
        # macOS and Windows: half the logical ones are the cores without their hyper-threads,
        # or on Apple silicon about the performance cores.
        return max(1, (os.cpu_count() or 1) // 2)
    allowed = os.sched_getaffinity(0)
    return len({_siblings(cpu) for cpu in allowed})


def _siblings(cpu: int) -> str:
    try:
        return (_TOPOLOGY / f"cpu{cpu}/topology/thread_siblings_list").read_text()
    except OSError:
        return str(cpu)


def _quota() -> int:
    """CPUs' worth of time that the cgroup grants; without a limit, more than any machine has."""
    try:
        quota, period = _CPU_MAX.read_text().split()
        return max(1, int(quota) // int(period))
    except (OSError, ValueError):  # no cgroup v2, or "max"
        return 1 << 16
