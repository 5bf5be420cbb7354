"""
The toolbox holds an assistant's tools and runs the model's calls before it answers.

Knows the order of steps. What a decision looks like is in `deciding`; what a result becomes is the
assistant's affair, and whom to ask for a yes the app's.
"""

import json
from collections.abc import Callable, Iterator
from dataclasses import replace
from threading import Event

from homeward.errors import Cancelled, ContextOverflow, InvalidArgument
from homeward.ports import LanguageModel
from homeward.prompting.prompt_builder import PromptBuilder
from homeward.sampling import Sampling
from homeward.tools.calls import Call, CallOutcome
from homeward.tools.deciding import ToolDecision, decision_schema, prompt_content, read
from homeward.tools.grammar import grammar_of
from homeward.tools.tool import Tool, tool_of
from homeward_store import Memory
from homeward_store.typed import doors

Confirm = Callable[[Tool, dict[str, object]], bool]
Keep = Callable[[str, str], list[Memory]]  # (tool's name, its result) → what was kept of it

MOST_ROUNDS = 3  # a model that still wants more by then goes round in circles
_DECIDING = Sampling(temperature=0, repetition_penalty=1, max_tokens=1500)


def nobody(_: Tool, __: dict[str, object]) -> bool:
    """Decline every call that acts; the default when the app gives no `confirm`."""
    return False


@doors
class Toolbox:
    """The functions that an app registered with one assistant."""

    def __init__(self) -> None:
        self._tools: dict[str, Tool] = {}

    def register(self, function: Callable[..., object], *, acting: bool = False) -> Tool:
        """
        Register a function as a tool; an `acting` one is called only after `confirm` returns True.

        Raises:
            TypeError, InvalidArgument: as for `tool_of`, or there is a tool of this name already.
        """
        tool = tool_of(function, acting=acting)
        if tool.name in self._tools:
            raise InvalidArgument(f"there is a tool called {tool.name!r} already")
        self._tools[tool.name] = tool
        return tool

    def all(self) -> list[Tool]:
        """The tools, in the order of their registration."""
        return list(self._tools.values())

    def calls(
        self,
        model: LanguageModel,
        prompts: PromptBuilder,
        question: str,
        *,
        keep: Keep,
        admits: Callable[[Memory], bool] = lambda _: True,
        confirm: Confirm = nobody,
        rounds: int = MOST_ROUNDS,
        cancel: Event | None = None,
    ) -> Iterator[Call]:
        """
        Let the model call tools for a question, one a round, and yield each with its outcome.

        Of a result, the model reads what `admits` lets pass. Ends when the model wants no tool, or
        the same call again, or after `rounds`.
        """
        tools, results = self.all(), list[tuple[str, str]]()
        made: set[str] = set()
        for _ in range(rounds if tools else 0):
            try:
                decision = decide(model, prompts, tools, question, results, cancel=cancel)
            except ValueError as error:
                yield Call("", {}, CallOutcome.MALFORMED, error=error)
                return
            if decision is None or (key := _key(decision)) in made:
                return
            made.add(key)
            call = perform(decision, keep=keep, confirm=confirm)
            results += [(call.tool, memory.text) for memory in call.memories if admits(memory)]
            yield call


def decide(
    model: LanguageModel,
    prompts: PromptBuilder,
    tools: list[Tool],
    question: str,
    results: list[tuple[str, str]],
    *,
    cancel: Event | None = None,
) -> ToolDecision | None:
    """
    Ask the model which tool helps; None where it wants none.

    Raises:
        ValueError: the context or the caller ended it half-way.
    """
    sampling = replace(_DECIDING, grammar=grammar_of(decision_schema(tools)))
    content = prompt_content(tools, question, results)
    with model.session() as session:
        try:
            session.feed(prompts.build(content).segments, cancel=cancel)
        except (Cancelled, ContextOverflow) as error:
            raise ValueError(f"no decision: {error}") from None
        return read("".join(session.generate(sampling, cancel=cancel)), tools)


def perform(decision: ToolDecision, *, keep: Keep, confirm: Confirm) -> Call:
    """Call the function, if the person lets it, and keep its result as words of a tool."""
    tool, given = decision.tool, decision.arguments
    try:
        arguments = tool.arguments(given)
    except ValueError as error:
        return Call(tool.name, given, CallOutcome.MALFORMED, error=error)
    if tool.acting and not confirm(tool, dict(arguments)):
        return Call(tool.name, given, CallOutcome.DECLINED)
    try:
        result = tool.function(**arguments)
    except Exception as error:  # noqa: BLE001  the app's own; it gets it back in the call
        return Call(tool.name, given, CallOutcome.FAILED, error=error)
    return Call(tool.name, given, CallOutcome.DONE, tuple(keep(tool.name, _text(result))))


def _text(result: object) -> str:
    return (
        result if isinstance(result, str) else json.dumps(result, ensure_ascii=False, default=str)
    )


def _key(decision: ToolDecision) -> str:
    return json.dumps([decision.tool.name, dict(decision.arguments)], sort_keys=True)
