"""Forgetting what is trained on, before or meanwhile: nothing that was learned from it stays."""

from collections.abc import Callable

import pytest
from tests.training import VIRTUAL, write

from homeward.assistant import Assistant
from homeward.learning.controls import Controls, TrainingProgress
from homeward.learning.gradients.gradient import GradientModel
from homeward.learning.paired_trial import TrialVerdict, judge
from homeward.learning.soft_prompt_store import KIND
from homeward.ports import Vector
from homeward.testing import ScriptedModel
from homeward_store import (
    Category,
    ConsentRequired,
    Purpose,
    Selection,
    SourceForgotten,
    WritingId,
)


def test_forgetting_one_writing_takes_what_was_learned_with_it(
    me: Assistant, model: ScriptedModel
) -> None:
    write(me)
    me.learn()

    me.forget(Selection(writings=(WritingId(5),)))

    assert me.learned is None
    assert me.ask("Well?").text
    assert VIRTUAL not in model.prompts[-1]
    again = me.learn().state.record
    assert not any(name.startswith("writing:5#") for name in again.learned_from)


def _at_step(step: int, act: Callable[[], object], told: list[TrainingProgress]) -> Controls:
    """Controls under which `act` is done once, in the midst of learning."""

    def report(progress: TrainingProgress) -> None:
        told.append(progress)
        if len(told) == step:
            act()

    return Controls(report=report)


def _kept(me: Assistant) -> list[bytes]:
    return [key for kind in (KIND, "soft_prompt_checkpoint") for key in me.profile.blobs.keys(kind)]


@pytest.mark.parametrize("step", [1, 3])
def test_forgetting_ends_the_lesson_that_learns_from_it(me: Assistant, step: int) -> None:
    write(me)
    told = list[TrainingProgress]()
    forget = Selection(writings=(WritingId(5),))

    with pytest.raises(SourceForgotten, match="1 of the records"):
        me.learn(_at_step(step, lambda: me.forget(forget), told))

    assert told[-1].ended
    assert len(told) == step + 1
    assert me.learned is None
    assert _kept(me) == []
    assert not any(name.startswith("writing:5#") for name in me.learn().state.record.learned_from)


def test_a_writing_that_was_only_cut_ends_the_lesson_too(me: Assistant) -> None:
    write(me)
    [memory] = me.write("Och aye, the mill burned down.")
    told = list[TrainingProgress]()
    with pytest.raises(SourceForgotten):
        me.learn(_at_step(2, lambda: me.forget(memory), told))
    assert _kept(me) == []


def test_forgetting_after_the_last_step_leaves_nothing_learned(
    me: Assistant, gradient: GradientModel, monkeypatch: pytest.MonkeyPatch
) -> None:
    write(me)

    def forget_then_judge(off: Vector, on: Vector) -> TrialVerdict:
        me.profile.forget(Selection(writings=(WritingId(30),)))
        return judge(off, on)

    monkeypatch.setattr("homeward.learning.pipeline.judge", forget_then_judge)
    with pytest.raises(SourceForgotten):
        me.learn()
    assert _kept(me) == []


def test_forgetting_something_else_lets_the_lesson_go_on(me: Assistant) -> None:
    write(me)
    [memory] = me.remember("The rent is due on the fifth.")
    assert me.learn(_at_step(2, lambda: me.forget(memory), [])).finished


def test_a_consent_that_ends_while_learning_ends_the_lesson(me: Assistant) -> None:
    write(me)
    consent, told = me.profile.consent, list[TrainingProgress]()
    with pytest.raises(ConsentRequired):
        me.learn(_at_step(2, lambda: consent.withdraw(Purpose.LEARN, Category.WRITINGS), told))
    assert told[-1].ended
    assert me.learned is None
