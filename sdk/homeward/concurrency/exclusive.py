"""Lets one thread at a time into an object, and lets others interrupt it."""

from collections.abc import Callable
from contextlib import AbstractContextManager
from functools import wraps
from typing import Any, Concatenate, ParamSpec, Protocol, TypeVar


class Interruptible(Protocol):
    """What has a lock, and can be told to let it go."""

    @property
    def lock(self) -> AbstractContextManager[Any]:
        """What the one thread holds."""

    def interrupt(self) -> None:
        """End what another thread is doing after its current step."""


Owner = TypeVar("Owner", bound=Interruptible)
P = ParamSpec("P")
Result = TypeVar("Result")


def exclusive(
    method: Callable[Concatenate[Owner, P], Result],
) -> Callable[Concatenate[Owner, P], Result]:
    """Let one thread at a time into `method`; one that comes in interrupts the other."""

    @wraps(method)
    def entered(owner: Owner, /, *args: P.args, **kwargs: P.kwargs) -> Result:
        owner.interrupt()
        with owner.lock:
            return method(owner, *args, **kwargs)

    return entered
