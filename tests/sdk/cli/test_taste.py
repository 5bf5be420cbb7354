"""`homeward tune` and `homeward taste`: asking, showing, overruling, taking back."""

from collections.abc import Callable, Iterator
from io import StringIO

import pytest
import typer
from rich.console import Console

from homeward.assistant import Assistant
from homeward.cli.commands.consent import consents
from homeward.cli.commands.taste import ask_questions, chart, counted, reasons, used
from homeward_store import Category, ChoiceSource, Purpose

OpenAssistant = Callable[[], Assistant]


@pytest.fixture
def assistant(open_assistant: OpenAssistant) -> Assistant:
    opened = open_assistant()
    opened.profile.consent.grant(Purpose.LEARN, Category.CHOICES, shown="May it?")
    return opened


def answers(*keys: str) -> Callable[[str], str]:
    """Type these keys, and then end the input."""
    left: Iterator[str] = iter(keys)

    def read(_: str) -> str:
        try:
            return next(left)
        except StopIteration:
            raise EOFError from None

    return read


def shown(assistant: Assistant) -> str:
    console = Console(file=StringIO(), width=120)
    console.print(chart(assistant.taste.learn()))
    assert isinstance(console.file, StringIO)
    return console.file.getvalue()


def test_nothing_is_learned_before_the_person_agrees(open_assistant: OpenAssistant) -> None:
    unasked = open_assistant()
    assert not consents(unasked, Category.CHOICES, agree=lambda _: False)
    assert not unasked.profile.consent.allows(Purpose.LEARN, Category.CHOICES)
    assert consents(unasked, Category.CHOICES, agree=lambda question: "replies" in question)
    assert consents(unasked, Category.CHOICES, agree=lambda _: pytest.fail("asked twice"))


def test_answers_become_choices_and_skipping_is_allowed(assistant: Assistant) -> None:
    asked = ask_questions(assistant, 3, read=answers("a", "what?", "s", "b", "e"))
    assert asked == 3
    sources = [choice.source for choice in assistant.profile.choices.all()]
    assert sources == [ChoiceSource.EXPLICIT, ChoiceSource.EXPLICIT, ChoiceSource.EQUAL]
    assert assistant.profile.memories.count() == 0


def test_quitting_keeps_what_was_answered(assistant: Assistant) -> None:
    assert ask_questions(assistant, 8, read=answers("a", "q", "a")) == 1
    assert ask_questions(assistant, 8, read=answers()) == 0
    assert len(assistant.profile.choices.all()) == 1


def test_the_chart_names_feature_direction_and_reasons(assistant: Assistant) -> None:
    header, *lines = shown(assistant).splitlines()
    assert {line[header.index(" 0 ") + 1] for line in lines if "●" in line} == {"●"}
    assert "not known yet" in shown(assistant)
    for at in range(20):
        assistant.profile.choices.add("How?", f"Yes! Do it! {at}", f"Yes. Do it. {at}")
    line = next(line for line in shown(assistant).splitlines() if line.startswith("exclamation"))
    assert "exclamation marks" in line
    assert "●" in line[line.index("┼" if "┼" in line else "│") :]
    assert "#1" in line
    assistant.taste.overrule("exclamation", -1)
    line = next(line for line in shown(assistant).splitlines() if line.startswith("exclamation"))
    assert "no exclamation marks" in line
    assert "you set it" in line


def test_choices_are_counted_by_kind_and_what_is_off_is_named(assistant: Assistant) -> None:
    assert counted(assistant) == "0 choices."
    assistant.prefer("How?", chosen="So.", rejected="Thus.")
    assistant.prefer("How?", chosen="So.", rejected="", source=ChoiceSource.ACCEPT)
    assistant.taste.count(ChoiceSource.ACCEPT, 0)
    assert counted(assistant) == "2 choices: 1 accept (off), 1 explicit."


def test_it_is_said_what_taste_is_used_for(assistant: Assistant) -> None:
    assert "homeward taste trial" in used(assistant.taste.last_trial)
    for at in range(40):
        assistant.prefer("How?", chosen=f"Yes! Do it! {at}", rejected=f"Yes. Do it. {at}")
    assistant.taste.trial()
    assistant.taste.switch(examples=False, drafts=True)
    assert used(assistant.taste.last_trial) == "Used for replies: picking among drafts."
    assistant.taste.switch(examples=False, drafts=False)
    assert "no" in used(assistant.taste.last_trial)


def test_the_choices_that_taught_a_weight_can_be_read(assistant: Assistant) -> None:
    assistant.prefer("How?", chosen="Yes! Do it!", rejected="Yes. Do it.")
    assistant.prefer("How?", chosen="Of course! Now!", rejected="", source=ChoiceSource.RATING)
    console = Console(file=StringIO(), width=120)
    console.print(reasons(assistant, "exclamation"))
    assert isinstance(console.file, StringIO)
    seen = console.file.getvalue()
    assert "#1" in seen
    assert "Yes! Do it!" in seen
    assert "a reply as usual" in seen
    with pytest.raises(typer.BadParameter, match="charm"):
        reasons(assistant, "charm")
