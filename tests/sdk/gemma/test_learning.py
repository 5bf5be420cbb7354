"""Learning and taste on a second real model: a style is trained, tried, and forgotten whole."""

from collections.abc import Callable
from pathlib import Path

import pytest
from tests.conftest import PASSPHRASE

import homeward
from homeward.assistant import Assistant
from homeward.errors import TooFewChoices
from homeward.learning.controls import Controls, TrainingProgress
from homeward.learning.trainer import Schedule
from homeward.personalization import soft_prompt_training
from homeward.sampling import Sampling
from homeward_store import Category, LearnedKind, Purpose, Selection

from .conftest import GREEDY, NAME, ONE_THREAD

pytestmark = [pytest.mark.model, pytest.mark.timeout(600)]

NOUNS = ["boat", "kettle", "garden", "letter", "window", "coat", "road", "lamp"]
WRITINGS = [
    f"aye, the {noun} is {how}, och aye" for noun in NOUNS for how in ("fine", "old", "wee")
]


def test_a_short_lesson_trains_a_style_that_forgetting_takes_away(
    home: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(soft_prompt_training, "_SCHEDULE", Schedule(epochs=1))
    steps: list[TrainingProgress] = []
    with homeward.open("ada", unlock=PASSPHRASE, home=home, model=NAME, settings=ONE_THREAD) as me:
        me.profile.consent.grant(Purpose.LEARN, Category.WRITINGS, shown="May it?")
        writings = [me.profile.writings.add(text) for text in WRITINGS]

        result = me.learn(Controls(report=steps.append))

        assert result.finished
        assert steps
        assert me.learned is not None
        assert result.state.record.model_sha256 == me.model.sha256
        assert len(result.state.record.learned_from) > 0
        me.switch_learned(on=True)
        reply = me.conversation().ask("How is the boat?", sampling=GREEDY)
        assert reply.text
        assert reply.sources.learned
        me.forget(Selection(writings=(writings[0].id,)))
        assert me.learned is None


def test_taste_learns_from_choices_and_picks_among_drafts(
    with_gemma: Callable[[], Assistant],
) -> None:
    me = with_gemma()
    me.profile.consent.grant(Purpose.LEARN, Category.CHOICES, shown="May it?")
    with pytest.raises(TooFewChoices):
        me.taste.trial()
    for noun in (*NOUNS, *NOUNS):
        me.prefer(
            f"How is the {noun}?", chosen="Fine.", rejected=f"The {noun} is really very fine today."
        )
    assert me.taste.trial() == me.taste.last_trial
    me.taste.switch(examples=True, drafts=True)

    varied = Sampling(temperature=0.9, max_tokens=24, seed=3)  # so that a second draft differs
    reply = me.ask("How is the boat?", sampling=varied)

    assert reply.text
    [turn] = me.profile.turns.latest(1)
    why = me.why(turn.id)
    assert {use.kind for use in why.learned} == {LearnedKind.TASTE}
    assert why.examples
    assert why.taste is not None
    assert why.taste.of > 1
