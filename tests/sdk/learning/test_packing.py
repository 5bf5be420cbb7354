"""Packing loses no token and lets no example see another."""

import numpy as np
import pytest

from homeward.learning.gradients.gradient import GradientModel
from homeward.learning.gradients.packing import TrainingExample, masks, pack

_EXAMPLES = [
    TrainingExample(tuple(range(10, 45)), start=4),
    TrainingExample((7,)),
    TrainingExample((50, 51, 52)),
    TrainingExample(tuple(range(60, 80)), start=19),
]


def test_every_scored_token_has_its_predictor() -> None:
    packed = pack(_EXAMPLES, prefix=2)
    assert packed.targets.tolist() == [
        token for example in _EXAMPLES for token in example.tokens[example.start :]
    ]
    inside = packed.predictors >= packed.prefix
    before = packed.tokens[packed.predictors[inside] - packed.prefix]
    assert (before[before < 45] + 1 == packed.targets[inside][before < 45]).all()


def test_an_example_scores_the_same_alone_and_packed(tiny: GradientModel) -> None:
    prefix = tiny.embed([3, 4])
    together = tiny.run(prefix, _EXAMPLES, learn=False)
    scores = together.log_probabilities()
    for number, example in enumerate(_EXAMPLES):
        alone = tiny.run(prefix, [example], learn=False).log_probabilities()
        np.testing.assert_allclose(scores[together.packed.owners == number], alone, atol=1e-5)


def test_the_window_hides_what_lies_further_back() -> None:
    packed = pack([TrainingExample(tuple(range(9)))], prefix=2)
    _, rest = masks(packed, 4)
    seen = (rest[0, 0] == 0)[:8]
    assert seen[0].tolist()[:3] == [True, True, True]
    assert [int(row.sum()) for row in seen] == [3, 4, 4, 4, 4, 4, 4, 4]


def test_an_empty_prefix_is_refused() -> None:
    with pytest.raises(ValueError, match="prefix is empty"):
        pack(_EXAMPLES, prefix=0)


@pytest.mark.parametrize("learn", [True, False])
def test_a_forward_pass_is_good_for_one_backward_pass(tiny: GradientModel, *, learn: bool) -> None:
    run = tiny.run(tiny.embed([3, 4]), _EXAMPLES, learn=learn)
    weights = np.ones(len(run.packed.targets), np.float32)
    if learn:
        run.backward(weights)
    with pytest.raises(ValueError, match="stored nothing"):
        run.backward(weights)
