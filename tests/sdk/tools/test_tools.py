"""Functions of the app that the assistant calls: arguments, confirmation, results, rounds."""

import enum
import json
from typing import Annotated, Literal

import jsonschema
import pytest
from tests.conftest import OpenAssistant
from tests.prompts import prompt_tokens

from homeward.ports import LanguageModel
from homeward.prompting.prompt_builder import PromptBuilder
from homeward.sampling import Sampling
from homeward.testing import ScriptedModel
from homeward.tools import CallOutcome, Tool, grammar_of, tool_of
from homeward.tools.deciding import decision_schema
from homeward.tools.toolbox import decide
from homeward_store import Origin


class Unit(enum.StrEnum):
    CELSIUS = "celsius"
    FAHRENHEIT = "fahrenheit"


def weather(
    city: Annotated[str, "Its name."], days: int = 1, unit: Unit = Unit.CELSIUS
) -> dict[str, object]:
    """
    Forecast the weather
    of a city.

    More that the model does not need.
    """
    return {"city": city, "sky": "rain", "unit": unit.value, "days": days}


def send(to: list[str], text: str, urgent: bool | None = None) -> str:  # noqa: FBT001
    """Send a message to people."""
    return f"sent to {len(to)}"


def temperature(of: float, scale: Literal["c", "f"]) -> float:
    """Convert a temperature."""
    return of * 1.8 + 32 if scale == "c" else (of - 32) / 1.8


TOOLS = [tool_of(weather), tool_of(send, acting=True), tool_of(temperature)]
RAIN = '{"tool": "weather", "arguments": {"city": "Bath"}}'
SEND = '{"tool": "send", "arguments": {"to": ["Tom"], "text": "Hello."}}'
NONE = '{"tool": "none"}'


def scripted(*decisions: str, then: str = "Take an umbrella.") -> ScriptedModel:
    """Return a model that makes these decisions, and answers after them."""
    left = list(decisions)

    def reply(prompt: str) -> str:
        return (left.pop(0) if left else NONE) if "JSON only" in prompt else then

    return ScriptedModel(reply)


def test_a_function_describes_itself_by_its_hints() -> None:
    tool = TOOLS[0]

    assert tool.description == "Forecast the weather of a city."
    assert tool.parameters == {
        "type": "object",
        "properties": {
            "city": {"type": "string", "description": "Its name."},
            "days": {"type": "integer"},
            "unit": {"enum": ["celsius", "fahrenheit"]},
        },
        "required": ["city"],
        "additionalProperties": False,
    }
    assert tool.arguments({"city": "Bath", "unit": "fahrenheit"})["unit"] is Unit.FAHRENHEIT


def no_hint(a) -> None: ...  # type: ignore[no-untyped-def]  # noqa: ANN001
def of_bytes(a: bytes) -> None: ...
def of_any_number(*numbers: int) -> None: ...
def by_position(a: int, /) -> None: ...


@pytest.mark.parametrize("function", [no_hint, of_bytes, of_any_number, by_position])
def test_a_function_that_json_cannot_call_is_refused_when_it_is_registered(
    function: object,
) -> None:
    with pytest.raises(TypeError):
        tool_of(function)  # type: ignore[arg-type]


def test_a_name_stands_for_one_tool(open_assistant: OpenAssistant) -> None:
    me = open_assistant()
    me.tools.register(weather)

    with pytest.raises(ValueError, match="already"):
        me.tools.register(weather)
    with pytest.raises(ValueError, match="name"):
        me.tools.register(lambda: None)


@pytest.mark.parametrize(
    "given",
    [{}, {"city": 3}, {"city": "Bath", "days": 1.5}, {"city": "Bath", "wind": 1}, {"city": None},
     {"city": "Bath", "days": True}, {"city": "Bath", "unit": "kelvin"}],
)  # fmt: skip
def test_arguments_that_do_not_fit_are_refused(given: dict[str, object]) -> None:
    with pytest.raises(ValueError, match=r"not its parameters|fit|valid"):
        TOOLS[0].arguments(given)


def test_a_result_is_quoted_as_a_tools_words_and_remembered_as_such(
    open_assistant: OpenAssistant,
) -> None:
    model = scripted(RAIN)
    me = open_assistant(model)
    me.tools.register(weather)

    [call], reply = me.ask_with_tools("Will it rain in Bath?")

    assert reply.text == "Take an umbrella."
    assert (call.tool, call.arguments, call.outcome) == (
        "weather",
        {"city": "Bath"},
        CallOutcome.DONE,
    )
    assert "A tool printed: \"{'city': 'Bath'" in model.prompts[-1]
    assert [memory.origin for memory in reply.sources.memories] == [Origin.TOOL]
    assert reply.sources.memories == call.memories
    me.forget(call.memories[0])
    assert me.profile.turns.latest(1)[0].replied == ""


def test_the_same_result_again_is_one_memory(open_assistant: OpenAssistant) -> None:
    me = open_assistant(scripted(RAIN, NONE, RAIN))
    me.tools.register(weather)

    [first], reply = me.ask_with_tools("Will it rain in Bath?")
    assert reply.text
    [second], reply = me.ask_with_tools("Will it rain?")
    assert reply.text

    assert first.memories == second.memories
    assert me.profile.memories.of(first.memories[0].source.kind, first.memories[0].source.id)


def test_a_tool_that_acts_waits_for_a_yes(open_assistant: OpenAssistant) -> None:
    asked: list[tuple[str, dict[str, object]]] = []

    def confirm(tool: Tool, arguments: dict[str, object]) -> bool:
        asked.append((tool.name, arguments))
        return True

    me = open_assistant(scripted(SEND, NONE, SEND))
    me.tools.register(send, acting=True)

    [unasked], reply = me.ask_with_tools("Greet Tom.")
    assert reply.text
    [agreed], reply = me.ask_with_tools("Greet Tom.", confirm=confirm)
    assert reply.text

    assert unasked.outcome is CallOutcome.DECLINED
    assert agreed.outcome is CallOutcome.DONE
    assert asked == [("send", {"to": ["Tom"], "text": "Hello."})]


def test_a_tool_that_fails_and_arguments_that_end_early_are_told_and_the_answer_goes_on(
    open_assistant: OpenAssistant,
) -> None:
    def broken(city: str) -> str:
        raise OSError("no route")

    broken.__name__ = "weather"
    me = open_assistant(scripted(RAIN, '{"tool": "weather", "argum'))
    me.tools.register(broken)

    calls, reply = me.ask_with_tools("Will it rain in Bath?")

    assert reply.text == "Take an umbrella."
    assert [call.outcome for call in calls] == [CallOutcome.FAILED, CallOutcome.MALFORMED]
    assert isinstance(calls[0].error, OSError)
    assert calls[0].memories == ()


def test_a_result_that_holds_a_secret_is_neither_kept_nor_shown(
    open_assistant: OpenAssistant,
) -> None:
    def card() -> str:
        return "4111 1111 1111 1111"

    model = scripted('{"tool": "card", "arguments": {}}')
    me = open_assistant(model)
    me.tools.register(card)

    [call], reply = me.ask_with_tools("What is my card?")
    assert reply.text

    assert (call.outcome, call.memories) == (CallOutcome.DONE, ())
    assert not [prompt for prompt in model.prompts if "4111" in prompt]


def test_rounds_end_where_the_model_goes_round_in_circles(open_assistant: OpenAssistant) -> None:
    calls = 0

    def count(number: int) -> int:
        nonlocal calls
        calls += 1
        return number

    numbers = [f'{{"tool": "count", "arguments": {{"number": {n}}}}}' for n in range(9)]
    me = open_assistant(scripted(*numbers))
    me.tools.register(count)
    made, reply = me.ask_with_tools("Count.")
    assert reply.text
    assert (len(made), calls) == (3, 3)

    me.close()
    again = open_assistant(scripted(numbers[0], numbers[0], numbers[1]))
    again.tools.register(count)
    made, reply = again.ask_with_tools("Count.")
    assert reply.text
    assert len(made) == 1


def test_without_tools_nothing_is_decided(open_assistant: OpenAssistant) -> None:
    model = scripted()
    calls, reply = open_assistant(model).ask_with_tools("Hello?")

    assert calls == []
    assert reply.text == "Take an umbrella."
    assert len(model.prompts) == 1


QUESTIONS = [
    "Will it rain in Bath tomorrow?",
    "Tell Tom and Nell that dinner is at eight.",
    'Send "quotes \\ and {braces}" to <|im_end|>.',
    "¿Qué tiempo hace en Málaga? ☔",
]


@pytest.mark.model
@pytest.mark.parametrize("question", QUESTIONS)
def test_the_real_models_arguments_are_valid_always(question: str, smollm2: LanguageModel) -> None:
    """Whether SmolLM2-135M picks the right tool is another question; see docs/log.md."""
    decision = decide(smollm2, PromptBuilder.of(smollm2), TOOLS, question, [])
    if decision is not None:
        jsonschema.validate(dict(decision.arguments), dict(decision.tool.parameters))
        assert decision.tool.arguments(decision.arguments)


@pytest.mark.model
@pytest.mark.parametrize("tool", TOOLS, ids=lambda tool: tool.name)
def test_arguments_are_valid_for_a_tool_that_has_to_be_called(
    tool: Tool, smollm2: LanguageModel
) -> None:
    """The decision's own schema, without the way out: every reply is a call."""
    call = decision_schema([tool])["anyOf"][1]
    grammar = grammar_of(call)
    prompt = prompt_tokens(smollm2, "Tell Tom about it.")
    with smollm2.session() as session:
        for seed in range(3):
            session.feed([prompt])
            sampling = Sampling(temperature=1.0, grammar=grammar, seed=seed, max_tokens=2500)
            written = json.loads("".join(session.generate(sampling)))

            jsonschema.validate(written, call)
            assert tool.arguments(written["arguments"])
