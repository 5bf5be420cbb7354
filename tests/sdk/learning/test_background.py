"""Work in the background gives way, and leaves the caller's priority alone."""

import os
import sys
import threading

import pytest

from homeward.learning.background import in_background


@pytest.mark.skipif(sys.platform != "linux", reason="only Linux has priorities of threads")
def test_the_work_is_niced_and_the_caller_is_not() -> None:
    def own() -> int:
        return os.getpriority(os.PRIO_PROCESS, threading.get_native_id())

    before = own()
    assert in_background(own) == max(10, before)
    assert own() == before


def test_what_the_work_raises_reaches_the_caller() -> None:
    def work() -> None:
        raise ValueError("no")

    with pytest.raises(ValueError, match="no"):
        in_background(work)
