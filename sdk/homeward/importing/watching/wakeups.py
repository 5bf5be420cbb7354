"""
Waits until something happens in a folder; only this module imports `watchfiles`.

What happened is not asked for: that is for whoever looks.
"""

from collections.abc import Iterable, Iterator
from pathlib import Path
from threading import Event

from watchfiles import watch

_TOGETHER = 1600  # milliseconds in which events count as one


def wakeups(folders: Iterable[Path], stop: Event, *, at_least: float) -> Iterator[None]:
    """Yield at once, after events, and every `at_least` seconds, until `stop` is set."""
    yield
    for _ in watch(
        *folders,
        watch_filter=None,
        debounce=_TOGETHER,
        stop_event=stop,
        rust_timeout=int(at_least * 1000),
        yield_on_timeout=True,
        raise_interrupt=True,
        ignore_permission_denied=True,
    ):
        yield
