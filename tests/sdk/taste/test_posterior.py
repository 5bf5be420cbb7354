"""The weights are the exact mode of a concave problem, and their uncertainty is honest."""

import numpy as np
import pytest

from homeward.taste import Comparisons, Posterior, WeightPrior, fit, independent, no_comparisons
from homeward.taste.posterior import sigmoid

D = 6


def prior(margin: float = 1.0) -> WeightPrior:
    return independent({f"f{at}": 0.7 for at in range(D)}, margin=margin)


def answers(
    weights: np.ndarray, n: int, *, margin: float = 1.0, seed: int = 0, tied: bool = False
) -> Comparisons:
    """Choices of somebody with these weights, drawn from the model's own likelihood."""
    rng = np.random.default_rng(seed)
    x = rng.normal(size=(n, len(weights)))
    first, second = sigmoid(x @ weights - margin), sigmoid(-x @ weights - margin)
    drawn = rng.random(n)
    won, lost = drawn < first, drawn > 1 - second
    even = ~(won | lost) & tied
    rows = [x[won], -x[lost], x[even], -x[even]]
    ids = np.concatenate([np.flatnonzero(k) for k in (won, lost, even, even)])
    strengths = np.ones(len(ids))
    return Comparisons(tuple(int(one) for one in ids), np.concatenate(rows), strengths)


def drawn_weights(seed: int) -> np.ndarray:
    return np.random.default_rng(seed).normal(size=D) * 0.7


def test_without_choices_the_posterior_is_the_prior() -> None:
    learned = fit(no_comparisons(D), prior())
    assert learned.mean == pytest.approx(np.zeros(D))
    assert learned.covariance == pytest.approx(prior().covariance)
    assert learned.log_evidence == pytest.approx(0.0, abs=1e-9)


def test_one_weight_agrees_with_numerical_integration() -> None:
    one = independent({"f": 1.0}, margin=0.5)
    data = Comparisons((1, 2), np.array([[1.0], [0.5]]), np.array([1.0, 0.5]))
    grid = np.linspace(-8, 8, 160_001)
    log = -(grid**2) / 2 + np.log(sigmoid(grid - 0.5)) + 0.5 * np.log(sigmoid(grid / 2 - 0.5))
    learned = fit(data, one)
    assert learned.mean[0] == pytest.approx(grid[log.argmax()], abs=1e-4)
    exact = np.log(np.exp(log).sum() * (grid[1] - grid[0]) / np.sqrt(2 * np.pi))
    assert learned.log_evidence == pytest.approx(exact, abs=0.02)


def test_learning_one_more_equals_a_fresh_fit() -> None:
    data = answers(drawn_weights(1), 200, seed=1)
    before = fit(data.without(data.ids[-1:]), prior())
    warm, fresh = fit(data, prior(), start=before), fit(data, prior())
    assert np.abs(warm.mean - fresh.mean).max() < 1e-9
    assert np.abs(warm.covariance - fresh.covariance).max() < 1e-9
    assert np.abs(before.mean - fresh.mean).max() > 1e-5


def test_forgetting_a_choice_leaves_no_trace_of_it() -> None:
    data = answers(drawn_weights(2), 300, seed=2)
    odd = Comparisons((10_000,), np.full((1, D), 4.0), np.ones(1))
    without = fit(data, prior())
    with_it = fit(data.and_also(odd), prior(), start=without)
    forgotten = fit(data.and_also(odd).without([10_000]), prior(), start=with_it)
    assert np.abs(forgotten.mean - without.mean).max() < 1e-9
    assert np.abs(forgotten.covariance - without.covariance).max() < 1e-9
    assert np.abs(with_it.mean - without.mean).max() > 1e-3


def test_the_order_of_choices_does_not_matter() -> None:
    data = answers(drawn_weights(3), 50, seed=3)
    back = Comparisons(data.ids[::-1], data.differences[::-1], data.strengths[::-1])
    assert fit(back, prior()).mean == pytest.approx(fit(data, prior()).mean, abs=1e-9)


def test_a_choice_that_contradicts_all_others_is_survived() -> None:
    """From a far start, plain Newton would overshoot and diverge."""
    data = answers(drawn_weights(4) * 20, 400, seed=4)
    far = fit(data, independent({f"f{at}": 30.0 for at in range(D)}))
    flipped = Comparisons(data.ids, -data.differences, data.strengths)
    turned = fit(flipped, far.prior, start=far)
    assert turned.mean == pytest.approx(fit(flipped, far.prior).mean, abs=1e-5)


def test_a_strength_of_two_is_the_same_choice_twice() -> None:
    x = np.array([[1.0, -0.5, 0, 0, 0, 0]])
    twice = Comparisons((1, 2), np.concatenate([x, x]), np.ones(2))
    strong = Comparisons((1,), x, np.full(1, 2.0))
    assert fit(strong, prior()).mean == pytest.approx(fit(twice, prior()).mean, abs=1e-9)


def test_a_tie_moves_nothing_but_makes_surer_that_little_differs() -> None:
    x = np.array([[2.0, 0, 0, 0, 0, 0]])
    tie = Comparisons((1, 1), np.concatenate([x, -x]), np.ones(2))
    learned = fit(tie, prior())
    assert learned.mean == pytest.approx(np.zeros(D), abs=1e-9)
    assert learned.covariance[0, 0] < prior().covariance[0, 0] - 0.05


def expected_and_observed(temper: float) -> tuple[float, float]:
    """
    Mean Brier score that the probabilities claim, and the one they get, over many people.

    `temper` above 1 makes the claims too bold, below 1 too timid.
    """
    claimed, got = [], []
    for seed in range(60):
        weights = drawn_weights(seed)
        learned = fit(answers(weights, 30, seed=seed, tied=True), prior())
        test = answers(weights, 200, seed=1000 + seed)
        p = learned.probability(test.differences)
        logit = temper * np.log(p / (1 - p))
        p = sigmoid(logit)
        claimed.append(np.mean(p * (1 - p)))
        got.append(np.mean((1 - p) ** 2))
    return float(np.mean(claimed)), float(np.mean(got))


@pytest.mark.parametrize(("temper", "honest"), [(0.6, False), (1.0, True), (1.7, False)])
def test_probabilities_are_as_right_as_they_claim(*, temper: float, honest: bool) -> None:
    claimed, got = expected_and_observed(temper)
    assert (abs(claimed - got) < 0.012) is honest


def test_probability_is_symmetric_and_half_where_nothing_is_known() -> None:
    learned = fit(answers(drawn_weights(5), 40, seed=5), prior())
    x = np.random.default_rng(0).normal(size=(20, D))
    assert learned.probability(x) + learned.probability(-x) == pytest.approx(np.ones(20))
    assert fit(no_comparisons(D), prior()).probability(x) == pytest.approx(np.full(20, 0.5))


def test_intervals_cover_the_true_weights() -> None:
    inside = [
        np.abs(learned.mean - weights) < 1.96 * np.sqrt(np.diag(learned.covariance))
        for seed in range(80)
        for weights in [drawn_weights(seed)]
        for learned in [fit(answers(weights, 40, seed=seed, tied=True), prior())]
    ]
    assert 0.90 < np.mean(inside) < 0.985


def test_a_pinned_weight_stays_whatever_is_chosen() -> None:
    data = answers(drawn_weights(6), 100, seed=6)
    learned = fit(data, prior().pinned({"f2": -1.25}))
    assert learned.mean[2] == -1.25
    assert learned.covariance[2] == pytest.approx(np.zeros(D))
    others = np.arange(D) != 2
    assert (np.abs(learned.mean[others] - fit(data, prior()).mean[others]) > 1e-4).any()


def test_pinning_follows_the_correlations_of_the_prior() -> None:
    covariance = np.array([[1.0, 0.8], [0.8, 1.0]])
    pinned = WeightPrior(("a", "b"), np.zeros(2), covariance).pinned({"a": 2.0})
    assert pinned.mean == pytest.approx([2.0, 1.6])
    assert pinned.covariance == pytest.approx(np.array([[0, 0], [0, 0.36]]))


def test_pinning_what_does_not_exist_is_refused() -> None:
    with pytest.raises(ValueError, match="nonsense"):
        prior().pinned({"nonsense": 1.0})


def test_comparisons_of_another_length_are_refused() -> None:
    with pytest.raises(ValueError, match="comparisons of 6"):
        fit(no_comparisons(D + 1), prior())


def test_one_choice_more_than_ten_thousand_teaches_as_if_all_were_fitted_anew() -> None:
    """What it costs is shown by `benchmarks.taste`."""
    d, n = 34, 10_000
    rng = np.random.default_rng(0)
    data = Comparisons(tuple(range(n)), rng.normal(size=(n, d)) + 0.05, np.ones(n))
    before: Posterior = fit(data, independent({str(at): 0.5 for at in range(d)}))
    more = data.and_also(Comparisons((n,), rng.normal(size=(1, d)), np.ones(1)))

    went_on, anew = fit(more, before.prior, start=before), fit(more, before.prior)

    np.testing.assert_allclose(went_on.mean, anew.mean, atol=1e-6)
    assert not np.allclose(went_on.mean, before.mean, atol=1e-6)
