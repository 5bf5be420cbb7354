"""Each objective's gradient agrees with finite differences of its own loss, through a model."""

from collections.abc import Callable

import numpy as np
import pytest

from homeward.learning.gradients.gradient import GradientModel
from homeward.learning.gradients.packing import TrainingExample
from homeward.learning.gradients.prompt_slot import PromptSlot
from homeward.learning.objectives import (
    Distillation,
    Likelihood,
    Mixture,
    Objective,
    Pair,
    Preference,
    soft_targets,
)

_FRAME = PromptSlot(before=(1, 2), after=(3,))
_TEXTS = [
    TrainingExample((10, 11, 12, 13, 14)),
    TrainingExample((20, 21), start=1),
    TrainingExample((30, 31, 32)),
]


def _likelihood(_: GradientModel) -> Objective:
    return Likelihood(_FRAME, _TEXTS)


def _distillation(model: GradientModel) -> Objective:
    return Distillation(_FRAME, soft_targets(model, model.embed([5, 6, 7, 8]), _TEXTS, k=4))


def _preference(_: GradientModel, strength: float = 0.3) -> Preference:
    return Preference(_FRAME, [Pair(_TEXTS[0], _TEXTS[2]), Pair(_TEXTS[2], _TEXTS[1], strength)])


def _mixture(model: GradientModel) -> Objective:
    return Mixture([(_likelihood(model), 1.0), (_preference(model), 0.5)])


@pytest.mark.parametrize("make", [_likelihood, _distillation, _preference, _mixture])
def test_a_step_follows_the_slope_of_its_loss(
    make: Callable[[GradientModel], Objective], tiny: GradientModel
) -> None:
    objective = make(tiny)
    rng = np.random.default_rng(5)
    soft = tiny.embed([40, 41]) + rng.normal(0, 0.05, (2, 32)).astype(np.float32)
    items = range(len(objective.sizes))
    _, gradient = objective.step(tiny, soft, items)
    direction = gradient / np.float32(np.linalg.norm(gradient))
    step = np.float32(1e-2)
    ahead, _ = objective.step(tiny, soft + step * direction, items)
    behind, _ = objective.step(tiny, soft - step * direction, items)
    assert (ahead - behind) / (2 * step) == pytest.approx(np.linalg.norm(gradient), rel=1e-2)


def test_a_mixture_gives_each_item_its_own_loss(tiny: GradientModel) -> None:
    likelihood, preference = _likelihood(tiny), _preference(tiny)
    mixture = Mixture([(likelihood, 1.0), (preference, 0.5)])
    soft = tiny.embed([40, 41])
    found = mixture.losses(tiny, soft, [4, 0, 2, 3])
    texts = likelihood.losses(tiny, soft, [0, 2])
    pairs = preference.losses(tiny, soft, [1, 0])
    wanted = [0.5 * pairs[0], texts[0], texts[1], 0.5 * pairs[1]]
    np.testing.assert_allclose(found, wanted, rtol=1e-5)


def test_without_a_soft_prompt_a_choice_is_a_coin_toss(tiny: GradientModel) -> None:
    nothing = np.empty((0, 32), np.float32)
    np.testing.assert_allclose(
        _preference(tiny).losses(tiny, nothing, [0, 1]),
        [np.log(2), 0.3 * np.log(2)],
        rtol=1e-4,
    )


def test_a_choice_of_no_strength_teaches_nothing(tiny: GradientModel) -> None:
    soft = tiny.embed([40, 41])
    _, gradient = _preference(tiny, 0.0).step(tiny, soft, [1])
    assert not gradient.any()


def test_a_pairs_reference_is_the_same_whichever_step_meets_it_first(tiny: GradientModel) -> None:
    soft, met = tiny.embed([40, 41]), _preference(tiny)
    met.step(tiny, soft, [1, 0])
    loss, gradient = met.step(tiny, soft, [0])
    fresh_loss, fresh_gradient = _preference(tiny).step(tiny, soft, [0])
    assert loss == fresh_loss
    assert gradient.tobytes() == fresh_gradient.tobytes()


def test_a_teachers_own_context_is_the_best_student(tiny: GradientModel) -> None:
    context = tiny.embed([5, 6])
    lessons = Distillation(PromptSlot(), soft_targets(tiny, context, _TEXTS, k=97))
    own = lessons.losses(tiny, context, [0, 1, 2])
    other = lessons.losses(tiny, tiny.embed([50, 60]), [0, 1, 2])
    assert (own < other).all()
