"""Feedback in a chat: ratings, retries, edits and copies are kept as choices."""

import base64

import pytest
from tests.conftest import OpenAssistant
from tests.sdk.cli.talk import say

from homeward import ChoiceSource
from homeward.testing import ScriptedModel


@pytest.mark.parametrize(
    ("command", "expected"), [("/good", ("Hello, Ada.", "")), ("/bad", ("", "Hello, Ada."))]
)
def test_a_rating_is_kept_as_a_choice(
    open_assistant: OpenAssistant, command: str, expected: tuple[str, str]
) -> None:
    me = open_assistant()

    seen = say(me, command, "Hello!", command)

    [choice] = me.profile.choices.all()
    assert "There is no reply yet. Ask something first." in seen
    assert (choice.chosen, choice.rejected) == expected
    assert (choice.prompt, choice.source) == ("Hello!", ChoiceSource.RATING)
    assert choice.turn == me.profile.turns.latest(1)[0].id


@pytest.mark.parametrize(
    ("answer", "kept", "chosen"),
    [("1", "First.", ["First."]), ("2", "Second.", ["Second."]), ("", "Second.", [])],
)
def test_retry_asks_which_reply_is_better(
    open_assistant: OpenAssistant, answer: str, kept: str, chosen: list[str]
) -> None:
    model = ScriptedModel(["First.", "Second.", "Third."])
    me = open_assistant(model)

    say(me, "/retry", "Hello!", "/retry", answer, "And now?")

    assert [turn.replied for turn in me.profile.turns.latest(9)] == ["Third.", kept]
    assert [choice.chosen for choice in me.profile.choices.all()] == chosen
    assert all(one.source is ChoiceSource.RETRY for one in me.profile.choices.all())
    assert kept in model.prompts[-1]


def test_the_same_reply_twice_is_no_choice(open_assistant: OpenAssistant) -> None:
    me = open_assistant()

    seen = say(me, "Hello!", "/retry")

    assert "The model wrote the same reply again." in seen
    assert not me.profile.choices.all()


def test_an_edit_replaces_the_reply_and_is_a_choice(open_assistant: OpenAssistant) -> None:
    model = ScriptedModel(["The green one.", "Yes."])
    me = open_assistant(model)

    seen = say(me, "/edit x", "Which?", "/edit The blue one.", "Sure?")

    assert "There is no reply yet. Ask something first." in seen
    [choice] = me.profile.choices.all()
    assert (choice.chosen, choice.rejected) == ("The blue one.", "The green one.")
    assert choice.source is ChoiceSource.EDIT
    assert "The blue one." in model.prompts[-1]
    assert "The green one." not in model.prompts[-1]


def test_an_edit_without_text_asks_for_it_and_may_be_left(open_assistant: OpenAssistant) -> None:
    me = open_assistant(ScriptedModel(["The green one."]))

    seen = say(me, "Which?", "/edit", "", "/edit", "The green one.", "/edit", "The blue one.")

    assert seen.count("Nothing was changed.") == 2
    assert [choice.chosen for choice in me.profile.choices.all()] == ["The blue one."]


def test_a_copied_reply_is_weak_evidence_and_no_order_to_the_terminal(
    open_assistant: OpenAssistant,
) -> None:
    me = open_assistant(ScriptedModel(["\x1b]0;owned\a The green one."]))

    seen = say(me, "/copy", "Which?", "/copy")

    assert "There is no reply yet. Ask something first." in seen
    [choice] = me.profile.choices.all()
    assert (choice.source, choice.rejected) == (ChoiceSource.ACCEPT, "")
    code = seen[seen.index("\x1b]52;c;") + 7 :].partition("\a")[0]
    assert base64.b64decode(code).decode() == choice.chosen
    assert "\x1b]0" not in seen
