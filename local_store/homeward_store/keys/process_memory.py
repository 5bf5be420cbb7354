"""
Keeps a process's memory out of core dumps and away from other programs.

What is encrypted on the disk lies in the clear in the memory of whoever has it open. A crash would
write that memory to a file, and every program of the same user may attach to the process and read
it, unless the process asks the system to refuse both. It stays asked until the process ends: what
was read from a profile may linger in memory after the profile was closed.
"""

import ctypes
import sys
from contextlib import suppress

from homeward_store.errors import ProfileInUse

if sys.platform != "win32":
    import resource

_PR_SET_DUMPABLE = 4  # linux/prctl.h


class _Process:
    """What was decided for this process."""

    allowed = False
    forbidden = False


def allow_debugger() -> None:
    """
    Let debuggers attach to this process, and crashes leave core dumps; for developing an app.

    Call it before the first profile is opened. Core dumps then hold the person's data in the clear.

    Raises:
        ProfileInUse: a profile was opened before.
    """
    if _Process.forbidden:
        raise ProfileInUse("a profile was opened before: allow_debugger has to be called first")
    _Process.allowed = True


def forbid_dumps() -> None:
    """
    Refuse core dumps and, on Linux, debuggers without the administrator's rights, from now on.

    Guarantees:
        Processes that this one starts leave no core dump either. On Windows nothing changes.

    Source:
        prctl(2), PR_SET_DUMPABLE; getrlimit(2), RLIMIT_CORE.
    """
    if _Process.allowed:
        return
    _Process.forbidden = True
    if sys.platform != "win32":
        with suppress(ValueError, OSError):  # a sandbox may forbid the call, not the work
            resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
    if sys.platform == "linux":
        # Where cores are piped into a program, the limit alone stops none.
        ctypes.CDLL(None).prctl(_PR_SET_DUMPABLE, 0, 0, 0, 0)
