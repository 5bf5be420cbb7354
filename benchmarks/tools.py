"""
Tools with the default model: are arguments always valid, and is the right tool chosen?

Three tools and 24 questions, six for each tool and six that need none. `valid` is the share of
decisions that are whole and fit the tool's types; the grammar promises all. `right_tool` is the
share of questions that need a tool for which that one was chosen; `none_when_none` that of the
others for which none was. Guessing among the four would give .25.
"""

import argparse
from contextlib import closing
from typing import Annotated, Literal

from benchmarks.report import report
from homeward import models, paths
from homeward.engine_settings import EngineSettings
from homeward.engines.llama import open_model
from homeward.ports import LanguageModel
from homeward.prompting.prompt_builder import PromptBuilder
from homeward.tools import tool_of
from homeward.tools.toolbox import decide


def weather(city: Annotated[str, "Its name."], day: Literal["today", "tomorrow"] = "today") -> str:
    """Forecast the weather of a city."""
    return f"{city}: rain {day}"


def send(to: list[str], text: str) -> str:
    """Send a message to people."""
    return f"{text} sent to {len(to)}"


def convert(amount: float, unit: Literal["km", "miles", "kg", "pounds"]) -> str:
    """Convert a length or a weight into another unit."""
    return f"{amount} {unit}"


TOOLS = [tool_of(weather), tool_of(send), tool_of(convert)]
QUESTIONS = {
    "weather": [
        "Will it rain in Bath tomorrow?",
        "What is the weather like in Oslo?",
        "Do I need an umbrella in London today?",
        "How warm will it be in Madrid tomorrow?",
        "Is it sunny in Lisbon?",
        "Give me the forecast for Bergen.",
    ],
    "send": [
        "Tell Tom that dinner is at eight.",
        "Send Nell a message: I am late.",
        "Write to Ada and Ben that the meeting is cancelled.",
        "Let my mother know that I arrived.",
        "Message Sam: happy birthday!",
        "Ask Kim to call me.",
    ],
    "convert": [
        "How many miles are 10 km?",
        "Convert 70 kg to pounds.",
        "What is 5 miles in kilometres?",
        "How heavy is 150 pounds in kg?",
        "42 km in miles?",
        "Change 3 kg into pounds.",
    ],
    "none": [
        "Hello!",
        "Who wrote Hamlet?",
        "Tell me a joke.",
        "What is the capital of France?",
        "Thank you.",
        "What does the word 'serene' mean?",
    ],
}


def chosen_for(model: LanguageModel, prompts: PromptBuilder, question: str) -> str:
    """Return the name of the tool that the model calls, `none`, or `malformed`."""
    try:
        decision = decide(model, prompts, TOOLS, question, [])
        if decision is None:
            return "none"
        decision.tool.arguments(decision.arguments)
    except ValueError:
        return "malformed"
    return decision.tool.name


def main() -> None:
    """Ask every question and print the shares."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--model", default=models.DEFAULT_LANGUAGE)
    parser.add_argument("--json", action="store_true")
    arguments = parser.parse_args()
    valid = right = none = 0
    with closing(
        open_model(models.path(paths.home(), arguments.model), EngineSettings(threads=1))
    ) as model:
        prompts = PromptBuilder.of(model)
        for wanted, questions in QUESTIONS.items():
            for question in questions:
                chosen = chosen_for(model, prompts, question)
                none += wanted == chosen == "none"
                right += wanted == chosen != "none"
                valid += chosen != "malformed"
    report(
        {
            "decisions": 24,
            "valid": valid / 24,
            "right_tool": right / 18,
            "none_when_none": none / 6,
            "model": arguments.model,
        },
        as_json=arguments.json,
    )


if __name__ == "__main__":
    main()
