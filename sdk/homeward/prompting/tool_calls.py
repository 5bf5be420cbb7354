"""What a model is told of an app's tools, and how a call and its result stand in a prompt. Pure."""

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, NamedTuple

from homeward.ports import Tokens
from homeward.prompting.prompt import as_quote


@dataclass(frozen=True, slots=True)
class ToolSpec:
    """A function that a model may call; `parameters` is the JSON Schema of its arguments."""

    name: str
    description: str
    parameters: Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class CallPiece:
    """A piece of a call that is being drawn: the name first, then arguments, then `complete`."""

    index: int  # which of the calls of its reply
    name: str = ""
    arguments: str = ""  # JSON, as much as came
    complete: bool = False
    tokens: int = 0  # of all that was drawn for it; on its last piece


@dataclass(frozen=True, slots=True)
class PrintedCall:
    """A call that was made, and what the model may read of what the tool printed."""

    name: str
    arguments: str  # JSON
    printed: str


Round = tuple[PrintedCall, ...]
"""Calls that were made at once."""


class CallPieces(NamedTuple):
    """The texts around calls and results, in a model's own template or in words of our own."""

    begin: str  # from where a reply begins up to the name
    between: str  # name and arguments
    then: str | None  # arguments and the name of the next call; None: there is one call at a time
    printed: str  # the last arguments and the first result
    next_result: str
    opened: str  # from the last result to where the reply begins


@dataclass(frozen=True, slots=True)
class CallTokens:
    """
    The same as token ids.

    `sign`: the text that says that a reply is a call; `sign_token`: its token where that shows no
    text. `close`: what stands after the arguments of a call that another may follow; empty: none
    may. `quotes`: results are quoted in a line of text.
    """

    begin: Tokens
    between: Tokens
    then: Tokens
    printed: Tokens
    next_result: Tokens
    opened: Tokens
    sign: str
    sign_token: Tokens = ()
    close: Tokens = ()
    quotes: bool = False

    def shown(self, printed: str) -> str:
        """Return a result as it stands in the prompt."""
        return as_quote(printed) if self.quotes else printed


OWN_PIECES = CallPieces(
    begin='{"name": "',
    between='", "arguments": ',
    then='}\n{"name": "',
    printed='A tool printed: "',  # a turn of its own, as the person's are
    next_result='"\nA tool printed: "',
    opened='"',
)
"""For models whose template knows no tools."""


def told(tools: Sequence[ToolSpec]) -> str:
    """Return what a model without a format of its own is told of `tools`, in its system message."""
    if not tools:
        return ""
    lines = "\n".join(f"- {one.name}{_parameters(one)}: {one.description}" for one in tools)
    form = f"{OWN_PIECES.begin}NAME{OWN_PIECES.between}{{…}}}}"
    return f"\n\nTo call a tool, answer with JSON only: {form}\nTools:\n{lines}"


def _parameters(tool: ToolSpec) -> str:
    return json.dumps(tool.parameters.get("properties", {}), ensure_ascii=False)
