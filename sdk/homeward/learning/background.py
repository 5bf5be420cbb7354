"""Gives a thread the lowest priority, so that everything else on the device comes first."""

import os
import sys
import threading
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from typing import TypeVar

_NICENESS = 10  # about a tenth of the share of a thread at 0, and all of an idle core

Result = TypeVar("Result")


def in_background(work: Callable[[], Result]) -> Result:
    """
    Do `work` on a thread of low priority and wait for it.

    The calling thread keeps its own priority, which it could not take back once lowered. Only Linux
    has priorities of single threads; elsewhere the work runs at the process's own.
    """
    with ThreadPoolExecutor(1, "homeward-learning", initializer=_give_way) as pool:
        return pool.submit(work).result()


def _give_way() -> None:
    if sys.platform == "linux":
        os.setpriority(os.PRIO_PROCESS, threading.get_native_id(), _NICENESS)
