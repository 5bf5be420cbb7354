"""The default number of threads: never more than this process may run at once."""

import os

from homeward.engines.llama.threads import default_threads


def test_it_is_between_one_and_what_the_process_may_use() -> None:
    assert 1 <= default_threads() <= min(8, os.cpu_count() or 1)


def test_a_process_that_is_bound_to_one_core_gets_one_thread() -> None:
    allowed = os.sched_getaffinity(0)
    try:
        os.sched_setaffinity(0, {min(allowed)})
        assert default_threads() == 1
    finally:
        os.sched_setaffinity(0, allowed)
