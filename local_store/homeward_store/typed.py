"""
Checks argument types at public methods: a wrong type raises TypeError before anything else.

`forget("Bergen")` would otherwise find no memory "Bergen", and say so with a signed receipt. The
rule is each signature's own type hints, read when the door is first used. Knows no door.
"""

import collections.abc
import inspect
import operator
from collections.abc import Callable, Collection, Iterable, Sequence
from dataclasses import is_dataclass
from datetime import datetime
from functools import cache, wraps
from pathlib import Path
from types import FunctionType, NoneType, UnionType
from typing import Any, TypeVar, Union, cast, get_args, get_origin, get_type_hints

from homeward_store.errors import WrongType

Door = TypeVar("Door", bound=Callable[..., Any])
Kind = TypeVar("Kind", bound=type)

_MANY = (Sequence, Collection, Iterable, list, set, frozenset, tuple)
_SECRETS = {"Passphrase": 'Passphrase("…")', "Secret": "Secret(bytearray(…))"}
_DOORS = ("__setitem__", "__delitem__")


class _Wrong(Exception):
    """A value is not of its type; the message is the type that it should be of."""


class _NoTimeZone(_Wrong):
    """It is a datetime, and of no time zone."""


def typed(door: Door) -> Door:
    """
    Check the arguments of a public function against its type hints; a path may come as a str.

    Raises:
        WrongType: an argument is of another type. The message names it, never its value.
    """
    signature = inspect.signature(door)
    hints = cache(lambda: get_type_hints(inspect.unwrap(door)))

    @wraps(door)
    def checked(*args: object, **kwargs: object) -> object:
        bound = signature.bind_partial(*args, **kwargs)  # what is missing, the door says itself
        for name, value in bound.arguments.items():
            if name in hints():
                kind = signature.parameters[name].kind
                where = f"{door.__qualname__}: {name}"
                bound.arguments[name] = _argument(hints()[name], value, kind, where)
        return door(*bound.args, **bound.kwargs)

    checked.__typed__ = True  # type: ignore[attr-defined]  # a test asks for it at every door
    return cast("Door", checked)


def doors(kind: Kind) -> Kind:
    """Check the arguments of every public method of a class, and the fields of a value."""
    entered = {*_DOORS, *(("__init__",) if is_dataclass(kind) else ())}
    for name, method in list(vars(kind).items()):
        if isinstance(method, FunctionType) and (not name.startswith("_") or name in entered):
            setattr(kind, name, typed(method))
    return kind


def _argument(hint: object, value: Any, kind: object, where: str) -> object:  # noqa: ANN401
    try:
        if kind is inspect.Parameter.VAR_POSITIONAL:
            return tuple(conformed(hint, one) for one in value)
        if kind is inspect.Parameter.VAR_KEYWORD:
            return {name: conformed(hint, one) for name, one in value.items()}
        return conformed(hint, value)
    except _Wrong as wrong:
        raise WrongType(f"{where} takes {wrong}") from None


def conformed(hint: object, value: object) -> object:
    """Return `value` as `hint` wants it: itself, or a path's str as a Path; or raise."""
    hint = getattr(hint, "__supertype__", hint)
    origin = get_origin(hint) or hint
    if origin in (Union, UnionType):
        return _one_of(hint, value)
    if origin in _MANY:
        return _all_of(hint, value)
    if origin is Path and isinstance(value, str):
        return Path(value)
    if not _is(origin, value):
        raise _Wrong(f"{_name(hint)}, not {type(value).__name__}{_advice(hint, value)}")
    if isinstance(value, datetime) and value.tzinfo is None:
        raise _NoTimeZone("a datetime with a time zone, such as datetime.now(UTC)")
    return value


def _is(kind: object, value: object) -> bool:
    if kind is collections.abc.Callable:
        return callable(value)
    if kind is Any:
        return True
    if kind is None or not isinstance(kind, type) or getattr(kind, "_is_protocol", False):
        return kind is not None or value is None  # of a protocol, only its use can tell
    if kind in (int, float):
        wanted = int if kind is int else (int, float)
        return isinstance(value, wanted) and not isinstance(value, bool)
    return isinstance(value, kind)


def _one_of(hint: object, value: object) -> object:
    for option in get_args(hint):
        if option is str and isinstance(value, str):
            return value  # before a Path, which it could become
    for option in get_args(hint):
        try:
            return conformed(option, value)
        except _NoTimeZone:
            raise
        except _Wrong:
            continue
    options = " or ".join(_name(option) for option in get_args(hint))
    raise _Wrong(f"{options}, not {type(value).__name__}{_advice(hint, value)}")


def _all_of(hint: object, value: object) -> object:
    origin = get_origin(hint) or hint
    # A text is a sequence of its letters: nearly never what was meant.
    if not isinstance(value, cast("type", origin)) or isinstance(value, str | bytes):
        raise _Wrong(f"{_name(hint)}, not {type(value).__name__}{_advice(hint, value)}")
    elements = get_args(hint)
    if not elements or not isinstance(value, list | tuple | set | frozenset):
        return value  # what can be looked at once only is looked at by its user
    if origin is tuple and elements[-1] is not Ellipsis:
        if len(value) != len(elements):
            raise _Wrong(f"{len(elements)} values, not {len(value)}")
        return tuple(conformed(one, part) for one, part in zip(elements, value, strict=True))
    parts = [conformed(elements[0], part) for part in value]
    return value if all(map(operator.is_, parts, value)) else type(value)(parts)


def _name(hint: object) -> str:
    hint = getattr(hint, "__supertype__", hint)
    if get_args(hint) and get_origin(hint) not in (Union, UnionType):
        inner = ", ".join("…" if one is Ellipsis else _name(one) for one in get_args(hint))
        return f"{_name(get_origin(hint))}[{inner}]"
    return "None" if hint is NoneType else str(getattr(hint, "__name__", hint))


def _advice(hint: object, value: object) -> str:
    """Return what to write instead, where a text stands for something else."""
    if not isinstance(value, str | bytes):
        return ""
    wanted = _name(hint)
    for name, written in _SECRETS.items():
        if name in wanted or any(name in _name(one) for one in get_args(hint)):
            return f": write {written}"
    return ': write ("…",)' if wanted.startswith("tuple") else ""
