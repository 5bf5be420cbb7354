"""Describes a function as a tool: its name, description and parameters. It calls nothing."""

import inspect
import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any, get_type_hints

from homeward.errors import InvalidArgument
from homeward.tools.grammar import grammar_of
from homeward.tools.hints import parameters_of, value_of
from homeward_store.errors import WrongType

_NAME = re.compile(r"[a-zA-Z_][a-zA-Z0-9_-]{0,63}")
NONE = "none"
"""What the model says when no tool helps; no tool can have this name."""


@dataclass(frozen=True, slots=True)
class Tool:
    """
    A function that the assistant may call.

    `acting`: it changes something outside, so the person is asked before each call.
    """

    name: str
    description: str
    parameters: Mapping[str, Any]  # JSON Schema of the arguments
    acting: bool
    function: Callable[..., object]
    hints: Mapping[str, Any]

    def arguments(self, given: Mapping[str, Any]) -> dict[str, Any]:
        """
        Return JSON arguments as the values that the function takes.

        Raises:
            InvalidArgument: one is missing, unknown, or not of its type.
        """
        missing = set(self.parameters["required"]) - set(given)
        unknown = set(given) - set(self.hints)
        if missing or unknown:
            raise InvalidArgument(
                f"{self.name} was called with {sorted(given)}, which are not its parameters"
            )
        return {name: value_of(self.hints[name], value) for name, value in given.items()}


def tool_of(function: Callable[..., object], *, acting: bool = False) -> Tool:
    """
    Return a function as a tool, described by its docstring's first paragraph and its hints.

    Raises:
        WrongType: a parameter has no type hint, one that has no JSON, or no name.
        InvalidArgument: the function's own name cannot be a tool's.
    """
    name = function.__name__
    if not _NAME.fullmatch(name) or name == NONE:
        raise InvalidArgument(f"{name!r} cannot be the name of a tool")
    hints = get_type_hints(function, include_extras=True)
    hints.pop("return", None)
    parameters = inspect.signature(function).parameters
    for one in parameters.values():
        if one.name not in hints or one.kind in (one.VAR_POSITIONAL, one.VAR_KEYWORD):
            raise WrongType(f"{name}: {one.name} needs a name and a type hint of its own")
        if one.kind is one.POSITIONAL_ONLY:
            raise WrongType(f"{name}: {one.name} has to be given by its name")
    required = [one.name for one in parameters.values() if one.default is one.empty]
    schema = parameters_of(hints, required=required)
    grammar_of(schema)  # fails here, where the app can see it, and not in a conversation
    described = (inspect.getdoc(function) or name).partition("\n\n")[0].replace("\n", " ")
    return Tool(name, described, schema, acting, function, hints)
