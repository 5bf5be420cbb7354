"""The desktop assistant, without a screen: streaming, a choice, learning beside it, a clean end."""

import os
import time
from collections.abc import Callable, Iterator

import pytest
from tests.conftest import OpenAssistant

os.environ.setdefault("QT_QPA_PLATFORM", "offscreen")
pytest.importorskip("PySide6.QtWidgets", exc_type=ImportError)

from examples.desktop.thinking import CONSENT, Thinking
from examples.desktop.window import Window
from PySide6.QtWidgets import QApplication, QLabel

from homeward import Assistant
from homeward.testing import ScriptedModel
from homeward_store import Category, Purpose

REPLIES = ["Nora lives in Bergen, by the harbour.", "In Bergen."]


@pytest.fixture(scope="module")
def application() -> QApplication:
    """Return the one application that Qt allows a process."""
    running = QApplication.instance()
    return running if isinstance(running, QApplication) else QApplication([])


@pytest.fixture
def me(open_assistant: OpenAssistant) -> Assistant:
    return open_assistant(ScriptedModel(REPLIES))


@pytest.fixture
def window(application: QApplication, me: Assistant) -> Iterator[Window]:
    thinking = Thinking(me)
    yield Window(thinking)
    thinking.end()


def wait_for(condition: Callable[[], object], seconds: float = 20) -> None:
    end = time.monotonic() + seconds
    while not condition():
        assert time.monotonic() < end, "the window waited for too long"
        QApplication.processEvents()
        time.sleep(0.005)


def labels(window: Window, of: str) -> list[str]:
    return [one.text() for one in window.findChildren(QLabel) if one.property("of") == of]


def ask(window: Window, question: str) -> None:
    window.question.setText(question)
    window.send.click()
    wait_for(window.send.isEnabled)


def test_a_question_is_answered_and_what_it_used_is_named(window: Window, me: Assistant) -> None:
    me.attributes["sister"] = "Nora, in Bergen"

    ask(window, "Where does Nora live?")

    assert labels(window, "person") == ["Where does Nora live?"]
    assert labels(window, "assistant") == [REPLIES[0]]
    assert labels(window, "aside") == ["Used: sister: Nora, in Bergen"]


def test_the_reply_that_is_kept_becomes_a_choice(window: Window, me: Assistant) -> None:
    ask(window, "Where does Nora live?")
    assert window.first.isHidden()
    window.another.click()
    wait_for(lambda: not window.first.isHidden())
    assert not window.send.isEnabled()

    window.second.click()
    wait_for(me.profile.choices.all)

    [choice] = me.profile.choices.all()
    assert (choice.chosen, choice.rejected) == (REPLIES[1], REPLIES[0])
    assert me.profile.turns.latest(1)[0].replied == REPLIES[1]
    assert labels(window, "left") == [REPLIES[0]]
    assert window.send.isEnabled()


def test_nothing_is_learned_before_the_person_agrees(window: Window, me: Assistant) -> None:
    consent = me.profile.consent
    assert not consent.allows(Purpose.LEARN, Category.WRITINGS)

    window.learn.click()
    wait_for(lambda: window.status.text().startswith("Not learned"))

    assert consent.allows(Purpose.LEARN, Category.WRITINGS)
    window.learn.click()
    assert not consent.allows(Purpose.LEARN, Category.WRITINGS)
    assert window.learn.text() == CONSENT


def test_an_empty_line_asks_nothing(window: Window, me: Assistant) -> None:
    window.question.setText("   ")
    window.send.click()

    assert labels(window, "person") == []
    assert me.profile.turns.count() == 0


def test_a_failure_is_told_and_the_window_goes_on(window: Window) -> None:
    ask(window, "word " * 20_000)

    assert len(labels(window, "aside")) == 1
    assert window.send.isEnabled()
