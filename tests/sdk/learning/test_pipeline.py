"""A study learns, tries and records; forgetting a text leaves no trace in what is learned."""

from dataclasses import replace
from datetime import UTC, datetime
from hashlib import sha256

import numpy as np
import pytest

from homeward.errors import TooLittleToLearn
from homeward.learning.gradients.gradient import GradientModel
from homeward.learning.gradients.packing import TrainingExample
from homeward.learning.gradients.prompt_slot import PromptSlot
from homeward.learning.objectives import Pair, Preference
from homeward.learning.pipeline import (
    Text,
    TrainingOutcome,
    TrainingPlan,
    train_and_evaluate,
)
from homeward.learning.soft_prompt_prior import SoftPromptPrior, signature
from homeward.learning.trainer import Schedule
from homeward.ports import Vector


class _Unsaved:
    def load(self) -> bytes | None:
        return None

    def save(self, state: bytes) -> None:
        pass


def _plan(model: GradientModel) -> TrainingPlan:
    schedule = Schedule(epochs=4, tokens_per_step=32)
    return TrainingPlan(model, "ab" * 32, PromptSlot(before=(1,)), model.embed([3, 4]), schedule)


def _texts(count: int, *, lawful: bool) -> list[Text]:
    rng = np.random.default_rng(2)
    found = []
    for number in range(count):
        start = int(rng.integers(0, 8))
        cycle = tuple((start + n) % 8 + 60 for n in range(6))
        chance = tuple(int(t) for t in rng.integers(0, 97, 6))
        found.append(Text(f"turn:{number}", (9,), cycle if lawful else chance))
    return found


def _study(model: GradientModel, texts: list[Text]) -> TrainingOutcome:
    when = datetime(2026, 1, 1, tzinfo=UTC)
    return train_and_evaluate(_plan(model), texts, checkpoints=_Unsaved(), now=lambda: when)


def test_texts_with_a_pattern_win_their_trial(tiny: GradientModel) -> None:
    outcome = _study(tiny, _texts(40, lawful=True))
    assert outcome.finished
    assert outcome.record.verdict.wins
    assert outcome.soft.vectors.shape == (2, 32)


def test_a_person_whose_texts_carry_no_signal_ends_with_learned_state_off(
    tiny: GradientModel,
) -> None:
    assert not _study(tiny, _texts(40, lawful=False)).record.verdict.wins


def test_a_forgotten_text_leaves_no_trace(tiny: GradientModel) -> None:
    texts = _texts(40, lawful=True)
    kept = texts[:7] + texts[8:]
    never = [text for text in _texts(40, lawful=True) if text.source != "turn:7"]
    again, fresh = _study(tiny, kept), _study(tiny, never)
    assert again.soft.vectors.tobytes() == fresh.soft.vectors.tobytes()
    assert replace(again.record, cpu_seconds=0) == replace(fresh.record, cpu_seconds=0)
    assert again.soft.sha256 != _study(tiny, texts).soft.sha256
    assert "turn:7" not in (*again.record.learned_from, *again.record.held_back)


def test_learning_starts_at_the_prior_where_that_says_more_of_the_texts(
    tiny: GradientModel,
) -> None:
    texts, plan = _texts(40, lawful=True), _plan(tiny)
    others = _study(tiny, texts).soft.vectors
    directions = np.random.default_rng(0).normal(0, 0.05, (6, *others.shape)).astype(np.float32)
    prior = SoftPromptPrior(others, directions, signature(tiny))

    def started(prior: SoftPromptPrior) -> str:
        found = train_and_evaluate(
            replace(plan, prior=prior),
            texts,
            checkpoints=_Unsaved(),
            now=lambda: datetime(2026, 1, 1, tzinfo=UTC),
        )
        assert found.finished
        assert found.record.verdict.wins
        return found.record.start_sha256

    assert started(prior) == sha256(others.tobytes()).hexdigest()
    assert _study(tiny, texts).record.basis_sha256 == ""
    away = replace(prior, mean=2 * plan.start - others)
    assert started(away) == sha256(plan.start.tobytes()).hexdigest()


def test_learning_starts_where_others_came_to_if_that_says_more_still(tiny: GradientModel) -> None:
    texts, plan = _texts(40, lawful=True), _plan(tiny)
    way = _study(tiny, texts).soft.vectors - plan.start
    prior = SoftPromptPrior(plan.start + 0.1 * way, way[None], signature(tiny))
    far, near = np.array([-9.0], np.float32), np.array([0.9], np.float32)

    def started(*origins: np.ndarray) -> TrainingOutcome:
        return train_and_evaluate(
            replace(plan, prior=prior, origins=origins),
            texts,
            checkpoints=_Unsaved(),
            now=lambda: datetime(2026, 1, 1, tzinfo=UTC),
        )

    found = started(far, near)
    assert found.record.basis_sha256 == prior.sha256
    assert found.record.start_sha256 == sha256(prior.soft(near).tobytes()).hexdigest()
    alone = started()
    assert alone.record.start_sha256 == sha256(prior.mean.tobytes()).hexdigest()
    assert started(far).soft.sha256 == alone.soft.sha256
    assert found.record.curve[0] < alone.record.curve[0]


def test_no_text_serves_twice(tiny: GradientModel) -> None:
    record = _study(tiny, _texts(30, lawful=True)).record
    used = [*record.learned_from, *record.held_back]
    assert used == [f"turn:{number}" for number in range(30)]


def test_too_few_texts_are_refused(tiny: GradientModel) -> None:
    with pytest.raises(TooLittleToLearn, match="got 12"):
        _study(tiny, _texts(12, lawful=True))


def _choices(count: int) -> list[Text]:
    """Replies that count up over replies of the same tokens that count down."""
    found = []
    for number, start in enumerate(np.random.default_rng(4).integers(0, 8, count)):
        up = tuple(int(start + n) % 8 + 60 for n in range(6))
        found.append(Text(f"choice:{number}", (9,), up, rejected=up[::-1]))
    return found


def _gains(model: GradientModel, soft: Vector, choices: list[Text]) -> Vector:
    """How far the chosen replies' log ratio to the rejected ones moved from the bare model's."""
    pairs = [
        Pair(
            TrainingExample(one.context + one.tokens, len(one.context)),
            TrainingExample(one.context + one.rejected, len(one.context)),
        )
        for one in choices
    ]
    preference, items = Preference(_plan(model).frame, pairs), range(len(pairs))
    on, _ = preference.log_ratios(model, soft, items)
    off, _ = preference.log_ratios(model, np.empty((0, 32), np.float32), items)
    return on - off


def test_choices_make_held_back_preferred_replies_gain_on_rejected_ones(
    tiny: GradientModel,
) -> None:
    choices = _choices(40)
    outcome = _study(tiny, choices)
    # As many steps over as many items, of which those of the preference pull nowhere.
    unweighed = _study(tiny, [replace(one, strength=0.0) for one in choices])
    held = [one for one in choices if one.source in outcome.record.held_back]

    gains = _gains(tiny, outcome.soft.vectors, held)
    assert gains.mean() > _gains(tiny, _plan(tiny).start, held).mean() + 1
    assert gains.mean() > _gains(tiny, unweighed.soft.vectors, held).mean() + 0.5
    assert outcome.record.verdict.wins
    assert outcome.record.preferred == outcome.record.learned_from


def test_what_a_held_back_choice_rejected_is_not_learned_from(tiny: GradientModel) -> None:
    choices = _choices(40)
    held = _study(tiny, choices).record.held_back
    otherwise = [replace(one, rejected=(7, 8, 9)) if one.source in held else one for one in choices]
    assert _study(tiny, otherwise).soft.sha256 == _study(tiny, choices).soft.sha256


def test_the_trial_asks_for_held_back_choices_too(tiny: GradientModel) -> None:
    choices = _choices(40)
    outcome = _study(tiny, choices)
    texts = [replace(one, rejected=()) for one in choices[-8:]]
    turned = [replace(one, tokens=one.rejected, rejected=one.tokens) for one in choices[-8:]]

    # The trial's own replies are not learned from: all three have the same soft prompt.
    alone, against = _study(tiny, choices[:-8] + texts), _study(tiny, choices[:-8] + turned)
    assert outcome.soft.sha256 == alone.soft.sha256 == against.soft.sha256
    gains = _gains(tiny, outcome.soft.vectors, choices[-8:])
    preferred = np.log(2) - np.logaddexp(0, -0.1 * gains).mean()
    trial = outcome.record.verdict
    assert trial.gain == pytest.approx(alone.record.verdict.gain + preferred, abs=1e-3)
    assert trial.wins
    assert not against.record.verdict.wins


def test_a_choice_between_the_same_is_a_text_alone(tiny: GradientModel) -> None:
    choices = _choices(30)
    choices[3] = replace(choices[3], rejected=choices[3].tokens)
    record = _study(tiny, choices).record
    assert "choice:3" in record.learned_from
    assert "choice:3" not in record.preferred
