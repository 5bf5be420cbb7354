"""
Converts type hints to JSON Schema, and JSON back to values of those types.

Known: str, int, float, bool, None, Literal, Enum, list[T], T | U, and Annotated with a text that
describes the parameter.
"""

import enum
import types
from collections.abc import Mapping
from typing import Annotated, Any, Literal, Union, get_args, get_origin

from homeward.errors import InvalidArgument
from homeward_store.errors import WrongType

_PLAIN: dict[Any, str] = {
    str: "string",
    int: "integer",
    float: "number",
    bool: "boolean",
    type(None): "null",
}


def schema_of(hint: Any) -> dict[str, Any]:  # noqa: ANN401  a type hint
    """
    Return the JSON Schema of a type hint.

    Raises:
        WrongType: it is of a kind that is not known here.
    """
    origin, inner = get_origin(hint), get_args(hint)
    if origin is Annotated:
        texts = [one for one in inner[1:] if isinstance(one, str)]
        return schema_of(inner[0]) | ({"description": texts[0]} if texts else {})
    if origin is Literal:
        return {"enum": list(inner)}
    if origin in (Union, types.UnionType):
        return {"anyOf": [schema_of(one) for one in inner]}
    if origin is list:
        return {"type": "array", "items": schema_of(inner[0])}
    if isinstance(hint, type) and issubclass(hint, enum.Enum):
        return {"enum": [one.value for one in hint]}
    if isinstance(hint, type) and hint in _PLAIN:
        return {"type": _PLAIN[hint]}
    raise WrongType(f"{hint!r} cannot be the type of a tool's parameter")


def value_of(hint: Any, given: Any) -> Any:  # noqa: ANN401  a type hint, JSON, and its value
    """
    Return what JSON stands for under a type hint.

    Raises:
        InvalidArgument: it is not of that type.
    """
    origin, inner = get_origin(hint), get_args(hint)
    if origin is Annotated:
        return value_of(inner[0], given)
    if origin in (Union, types.UnionType):
        return _first_of(inner, given)
    if origin is list and isinstance(given, list):
        return [value_of(inner[0], one) for one in given]
    if isinstance(hint, type) and issubclass(hint, enum.Enum):
        return hint(given)
    fits = given in inner if origin is Literal else _is(hint, given)
    if not fits:
        raise InvalidArgument(f"a value of type {type(given).__name__} does not fit {hint!r}")
    return float(given) if hint is float else given


def _is(hint: Any, given: Any) -> bool:  # noqa: ANN401  a type hint and JSON
    # Exactly: for Python a bool is an int.
    return type(given) in (int, float) if hint is float else type(given) is hint


def _first_of(hints: tuple[Any, ...], given: Any) -> Any:  # noqa: ANN401
    for hint in hints:
        try:
            return value_of(hint, given)
        except ValueError:
            continue
    raise InvalidArgument(f"a value of type {type(given).__name__} fits none of {hints!r}")


def parameters_of(hints: Mapping[str, Any], *, required: list[str]) -> dict[str, Any]:
    """Return the schema of a function's arguments."""
    return {
        "type": "object",
        "properties": {name: schema_of(hint) for name, hint in hints.items()},
        "required": required,
        "additionalProperties": False,
    }
