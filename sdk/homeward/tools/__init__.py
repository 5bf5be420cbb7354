"""Tools are functions of the app that the person's assistant may call."""

from homeward.tools.calls import Call, CallOutcome
from homeward.tools.grammar import grammar_of
from homeward.tools.tool import Tool, tool_of
from homeward.tools.toolbox import Toolbox

__all__ = ["Call", "CallOutcome", "Tool", "Toolbox", "grammar_of", "tool_of"]
