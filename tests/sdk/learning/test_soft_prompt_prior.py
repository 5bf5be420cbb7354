"""Coordinates and soft prompts, there and back; gradients along them; learning in two stages."""

import itertools
from dataclasses import replace

import numpy as np
import pytest

from homeward.learning.controls import Controls
from homeward.learning.gradients.gradient import GradientModel
from homeward.learning.gradients.packing import TrainingExample
from homeward.learning.gradients.prompt_slot import PromptSlot
from homeward.learning.objectives import Likelihood
from homeward.learning.soft_prompt_prior import (
    COORDINATES,
    SoftPromptPrior,
    shipped_prior,
    signature,
)
from homeward.learning.stages import InCoordinates, learn_in_stages
from homeward.learning.trainer import Schedule, TrainingRun

_STAGE = Schedule(epochs=2, tokens_per_step=24, patience=2)
_FRAME = PromptSlot(before=(1,))


@pytest.fixture(scope="module")
def prior(tiny: GradientModel) -> SoftPromptPrior:
    rng = np.random.default_rng(4)
    mean = tiny.embed([3, 4])
    return SoftPromptPrior(
        mean, rng.normal(0, 0.05, (5, *mean.shape)).astype(np.float32), signature(tiny)
    )


def _texts(count: int) -> list[TrainingExample]:
    starts = np.random.default_rng(2).integers(0, 8, count)
    return [TrainingExample(tuple(int((start + n) % 8 + 60) for n in range(6))) for start in starts]


class _Memory:
    """Checkpoints in memory that can die at the n-th save."""

    def __init__(self, dies_at: int = -1) -> None:
        self.saved: bytes | None = None
        self.saves, self.dies_at = 0, dies_at

    def load(self) -> bytes | None:
        return self.saved

    def save(self, state: bytes) -> None:
        self.saves += 1
        if self.saves == self.dies_at:
            raise KeyboardInterrupt
        self.saved = state


def _learn(
    model: GradientModel, prior: SoftPromptPrior, memory: _Memory, controls: Controls | None = None
) -> TrainingRun:
    examples = _texts(14)
    return learn_in_stages(
        model,
        Likelihood(_FRAME, examples[:10]),
        Likelihood(_FRAME, examples[10:]),
        prior,
        schedules=(_STAGE, _STAGE),
        checkpoints=memory,
        controls=controls,
    )


def test_coordinates_come_back_from_the_soft_prompt_they_make(prior: SoftPromptPrior) -> None:
    wanted = np.array([1.0, -2.0, 0.5, 0.0, 3.0], np.float32)
    np.testing.assert_allclose(prior.coordinates(prior.soft(wanted)), wanted, atol=1e-4)


def test_a_soft_prompt_off_the_directions_has_the_nearest_coordinates(
    prior: SoftPromptPrior,
) -> None:
    away = np.random.default_rng(5).normal(0, 0.1, prior.mean.shape).astype(np.float32)
    nearest = prior.soft(prior.coordinates(prior.mean + away))
    left = prior.mean + away - nearest
    assert np.abs(prior.along(left)).max() < 1e-4  # what is left lies across all directions


def test_the_gradient_at_coordinates_is_that_of_finite_differences(
    tiny: GradientModel, prior: SoftPromptPrior
) -> None:
    objective = InCoordinates(Likelihood(_FRAME, _texts(6)), prior)
    at = np.zeros((1, 5), np.float32)
    _, gradient = objective.step(tiny, at, range(6))
    for coordinate in range(5):
        step = np.zeros_like(at)
        step[0, coordinate] = 0.02
        up, down = (objective.step(tiny, at + side * step, range(6))[0] for side in (1, -1))
        assert gradient[0, coordinate] == pytest.approx((up - down) / 0.04, abs=2e-3)


def test_both_stages_lower_the_held_back_loss(tiny: GradientModel, prior: SoftPromptPrior) -> None:
    learned = _learn(tiny, prior, _Memory())
    assert learned.finished
    assert len(learned.curve) == 1 + 2 + 2
    assert min(learned.curve[:3]) < learned.curve[0]
    assert learned.curve[-1] < min(learned.curve[:3])


def test_a_kill_in_either_stage_changes_nothing(
    tiny: GradientModel, prior: SoftPromptPrior
) -> None:
    whole = _Memory()
    wanted = _learn(tiny, prior, whole)
    for dies_at in range(1, whole.saves + 1):
        memory = _Memory(dies_at)
        with pytest.raises(KeyboardInterrupt):
            _learn(tiny, prior, memory)
        assert _learn(tiny, prior, memory).soft.tobytes() == wanted.soft.tobytes()


def test_the_budget_is_both_stages_together(tiny: GradientModel, prior: SoftPromptPrior) -> None:
    memory = _Memory()
    for tries in itertools.count(1):
        learned = _learn(tiny, prior, memory, Controls(budget=1e-3 * tries**2))
        if learned.finished:
            break
    assert tries > 1
    assert learned.soft.tobytes() == _learn(tiny, prior, _Memory()).soft.tobytes()


def test_a_prior_fits_the_model_it_was_learned_for_alone(
    tiny: GradientModel, prior: SoftPromptPrior
) -> None:
    assert prior.fits(tiny)
    assert not replace(prior, signature=-prior.signature).fits(tiny)
    assert not shipped_prior().fits(tiny)


def test_what_is_shipped_is_small_finite_and_16_virtual_tokens() -> None:
    shipped = shipped_prior()
    assert shipped.mean.shape == (16, 576)
    assert shipped.directions.shape == (COORDINATES, 16, 576)
    assert np.isfinite(shipped.directions).all()
    assert len(shipped.to_bytes()) < 1_000_000
