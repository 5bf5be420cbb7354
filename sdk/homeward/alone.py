"""One thread at a time, and the newest one first."""

from collections.abc import Callable
from functools import wraps
from threading import RLock
from typing import Concatenate, ParamSpec, Protocol, TypeVar


class Interruptible(Protocol):
    """Has a lock, and something long that another thread can end."""

    lock: RLock

    def interrupt(self) -> None:
        """End what is being done; any thread may say so."""
        ...


P = ParamSpec("P")
Result = TypeVar("Result")
Object = TypeVar("Object", bound=Interruptible)


def alone(
    method: Callable[Concatenate[Object, P], Result],
) -> Callable[Concatenate[Object, P], Result]:
    """Let one thread at a time into an object; one that comes in interrupts another."""

    @wraps(method)
    def entered(one: Object, /, *args: P.args, **kwargs: P.kwargs) -> Result:
        one.interrupt()
        with one.lock:
            return method(one, *args, **kwargs)

    return entered
