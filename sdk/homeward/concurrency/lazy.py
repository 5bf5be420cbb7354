"""Thread-safe lazy attributes are computed once, on first use."""

from collections.abc import Callable
from threading import RLock
from typing import Any, Generic, Self, TypeVar, overload

Made = TypeVar("Made")


class lazy_property(Generic[Made]):  # noqa: N801  used as a decorator, like `cached_property`
    """
    `cached_property`, under the lock that the object has as `lock`.

    Without it, two threads that ask first would each load the model: Python 3.12 took away the lock
    that `cached_property` had.
    """

    def __init__(self, make: Callable[[Any], Made]) -> None:
        self._make = make
        self._name = make.__name__
        self.__doc__ = make.__doc__

    @overload
    def __get__(self, instance: None, owner: type[Any]) -> Self: ...
    @overload
    def __get__(self, instance: object, owner: type[Any]) -> Made: ...
    def __get__(self, instance: Any, owner: type[Any]) -> Self | Made:
        """Make it and keep it in the object, where it is found without coming here again."""
        if instance is None:
            return self
        lock: RLock = instance.lock
        with lock:
            if self._name not in instance.__dict__:
                instance.__dict__[self._name] = self._make(instance)
            made: Made = instance.__dict__[self._name]
            return made
