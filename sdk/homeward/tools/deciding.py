"""
Asks the model which tool to call, with a prompt and a grammar, and parses its decision.

The grammar has one alternative for each tool and one for none of them, so a decision is always of
this form and its arguments always of the tool's schema.
"""

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from homeward.prompting.prompt_content import PrefixContent, PromptContent
from homeward.tools.tool import NONE, Tool

_ORDER = (
    "You decide which tool helps to answer. Answer with JSON only. If no tool is needed, answer"
    f' {{"tool": "{NONE}"}}.'
)


@dataclass(frozen=True, slots=True)
class ToolDecision:
    """The tool that was chosen, with its arguments as JSON."""

    tool: Tool
    arguments: Mapping[str, Any]


def decision_schema(tools: Sequence[Tool]) -> dict[str, Any]:
    """Return the schema of a decision between `tools` and none."""
    return {"anyOf": [_chosen(NONE, None), *(_chosen(one.name, one.parameters) for one in tools)]}


def prompt_content(
    tools: Sequence[Tool], question: str, results: Sequence[tuple[str, str]]
) -> PromptContent:
    """Return a prompt with the tools before the question, and what was printed so far after it."""
    shown = "\n".join(f"- {one.name}{_parameters(one)}: {one.description}" for one in tools)
    printed = "".join(f'\n{name} printed: "{_quoted(text)}"' for name, text in results)
    return PromptContent(f"{question}{printed}", PrefixContent(f"{_ORDER}\n\nTools:\n{shown}"))


def read(text: str, tools: Sequence[Tool]) -> ToolDecision | None:
    """
    Return the decision; None where the model wants no tool.

    Raises:
        ValueError: it is not whole, as where the context ended.
    """
    decided = json.loads(text)
    by_name = {one.name: one for one in tools}
    if decided["tool"] == NONE:
        return None
    return ToolDecision(by_name[decided["tool"]], decided["arguments"])


def _chosen(name: str, parameters: Mapping[str, Any] | None) -> dict[str, Any]:
    properties: dict[str, Any] = {"tool": {"const": name}}
    if parameters is not None:
        properties["arguments"] = parameters
    return {"type": "object", "properties": properties, "required": list(properties)}


def _parameters(tool: Tool) -> str:
    return "(" + ", ".join(tool.parameters["properties"]) + ")"


def _quoted(text: str) -> str:
    # As in `prompt`: a quotation mark within would end the quote.
    return " ".join(text.split()).replace('"', "'")
