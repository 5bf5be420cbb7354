"""From stored choices to words about the person: signals, groups, questions, picks, reasons."""

from collections.abc import Sequence
from datetime import UTC, datetime

import numpy as np
import pytest

from homeward.learning.paired_trial import judge
from homeward.taste import (
    STRENGTHS,
    Comparisons,
    Features,
    Group,
    WeightPrior,
    best_fit,
    blend,
    compare,
    contributions,
    examples,
    explain,
    fit,
    held_back_losses,
    independent,
    information,
    most_informative,
    no_comparisons,
    pick,
)
from homeward_store import Choice, ChoiceId, ChoiceSource

FEATURES = Features()
SHORT = "Cold water, at once."
LONG = "First take the shirt off. Then rinse it in cold water for ten minutes. Add salt. Wash it."
NOW = datetime(2026, 1, 1, tzinfo=UTC)


def choice(
    one: int, chosen: str, rejected: str, source: ChoiceSource = ChoiceSource.EXPLICIT
) -> Choice:
    return Choice(ChoiceId(one), "How?", chosen, rejected, source, None, NOW)


def liking_short(n: int) -> list[Choice]:
    return [choice(at, SHORT + " Yes." * (at % 3), LONG + " More." * (at % 5)) for at in range(n)]


def test_a_few_choices_teach_that_replies_should_be_short() -> None:
    data = compare(liking_short(6), FEATURES)
    learned = fit(data, FEATURES.stranger())
    length = next(one for one in explain(learned, data) if one.name == "length")
    assert length.weight < 0
    assert length.says == "shorter replies"
    assert learned.probability(data.differences).min() > 0.8


def test_kinds_of_signals_count_by_their_strength_and_can_be_switched_off() -> None:
    def length(source: ChoiceSource, **off: float) -> float:
        strengths = dict(STRENGTHS) | {ChoiceSource(kind): value for kind, value in off.items()}
        data = compare([choice(1, SHORT, LONG, source)], FEATURES, strengths=strengths)
        return float(fit(data, FEATURES.stranger()).mean[0])

    picked, edited = length(ChoiceSource.EXPLICIT), length(ChoiceSource.EDIT)
    assert picked < edited < 0
    assert length(ChoiceSource.EDIT, edit=0) == 0
    assert set(STRENGTHS) == set(ChoiceSource)


def test_a_thumb_up_compares_with_a_typical_reply() -> None:
    up = compare([choice(1, SHORT, "", ChoiceSource.RATING)], FEATURES)
    down = compare([choice(1, "", SHORT, ChoiceSource.RATING)], FEATURES)
    assert up.differences[0] == pytest.approx(FEATURES.of("How?", [SHORT])[0])
    assert down.differences == pytest.approx(-up.differences)


def test_both_equal_is_an_answer_that_takes_no_side() -> None:
    data = compare([choice(1, SHORT, LONG, ChoiceSource.EQUAL)], FEATURES)
    assert data.ids == (1, 1)
    assert fit(data, FEATURES.stranger()).mean == pytest.approx(0, abs=1e-9)
    assert len(data.without([1])) == 0


def test_no_choices_compare_to_nothing() -> None:
    assert len(compare([], FEATURES)) == 0


def test_reasons_add_up_to_the_weight() -> None:
    data = compare([*liking_short(5), choice(9, LONG, SHORT, ChoiceSource.EDIT)], FEATURES)
    learned = fit(data, FEATURES.stranger())
    assert contributions(learned, data).sum(axis=0) == pytest.approx(learned.mean, abs=1e-6)
    for one in explain(learned, data):
        assert one.started + sum(part for _, part in one.evidence) == pytest.approx(one.weight)
    length = next(one for one in explain(learned, data) if one.name == "length")
    against = dict(length.evidence)[9]
    assert against > 0 > length.weight


def test_an_overruled_weight_says_that_the_person_set_it() -> None:
    data = compare(liking_short(5), FEATURES)
    learned = fit(data, FEATURES.stranger().pinned({"length": 1.5}))
    length = next(one for one in explain(learned, data) if one.name == "length")
    assert (length.weight, length.low, length.high) == (1.5, 1.5, 1.5)
    assert length.pinned
    assert length.clear


def test_a_group_is_chosen_by_the_persons_own_choices() -> None:
    data = compare(liking_short(6), FEATURES)
    groups = [Group("talkers", leaning(1.0)), Group("terse", leaning(-1.0))]
    ranked = best_fit(groups, data)
    assert [one.group.name for one in ranked] == ["terse", "talkers"]
    assert sum(one.probability for one in ranked) == pytest.approx(1)
    assert best_fit(groups, no_comparisons(len(FEATURES.names)))[0].probability == 0.5


def test_groups_are_blended_by_how_well_they_explain_the_choices() -> None:
    groups = [Group("terse", leaning(-1.0)), Group("talkers", leaning(1.0))]
    assert blend(groups, no_comparisons(len(FEATURES.names))).mean[0] == pytest.approx(0.0)
    few, many = (blend(groups, compare(liking_short(n), FEATURES)).mean[0] for n in (1, 12))
    assert -1.0 < many < few < 0.0
    alone = blend(groups[:1], compare(liking_short(1), FEATURES))
    assert alone is groups[0].prior


def test_what_the_person_declares_starts_them_in_a_group_until_choices_say_otherwise() -> None:
    groups = [
        Group("terse", leaning(-1.0)),
        Group("talkers", leaning(1.0), frozenset({"profession: teacher"})),
    ]
    declared = frozenset({"profession: teacher"})
    nothing, many = no_comparisons(len(FEATURES.names)), compare(liking_short(12), FEATURES)
    assert best_fit(groups, nothing)[0].group.name == "terse"
    assert best_fit(groups, nothing, declared=declared)[0].group.name == "talkers"
    assert best_fit(groups, many, declared=declared)[0].group.name == "terse"


def leaning(length: float) -> WeightPrior:
    stranger = FEATURES.stranger()
    mean = stranger.mean.copy()
    mean[0] = length
    return WeightPrior(stranger.names, mean, stranger.covariance, stranger.margin)


def test_without_groups_there_is_nothing_to_fit() -> None:
    with pytest.raises(ValueError, match="no group"):
        best_fit([], no_comparisons(2))


def test_a_question_tells_nothing_about_what_is_already_known() -> None:
    prior = independent({"known": 0.01, "open": 1.0})
    learned = fit(no_comparisons(2), prior)
    told = information(learned, np.array([[1.0, 0.0], [0.0, 1.0], [0.0, 0.0]]))
    assert told[0] < 0.001
    assert told[1] > 0.05
    assert told[2] == pytest.approx(0, abs=1e-12)


def test_a_likely_tie_is_worth_asking_only_where_it_can_be_answered() -> None:
    """A big difference of small meaning: the sign tells nothing new, that it is a tie does."""
    learned = fit(
        no_comparisons(1), WeightPrior(("f",), np.array([2.0]), np.eye(1) * 0.3, margin=2.0)
    )
    row = np.ones((1, 1))
    assert information(learned, row)[0] > 2 * information(learned, row, neither=False)[0] > 0


def test_the_question_asked_is_the_one_that_decides_later_replies() -> None:
    learned = fit(no_comparisons(3), independent({"a": 1.0, "b": 1.0, "oddity": 1.0}))
    candidates = np.array([[0.0, 0.0, 1.5], [1.0, 0.0, 0.0], [0.0, 1.0, 0.0]])
    assert most_informative(learned, candidates, about=np.array([[0.0, 1.0, 0.0]])) == 2
    assert most_informative(learned, candidates, about=np.array([[1.0, 0.1, 0.0]])) == 1
    with pytest.raises(ValueError, match="no pair"):
        most_informative(learned, np.zeros((0, 3)))


def mean_error(questions: str, seeds: Sequence[int]) -> float:
    """How far the weights are from the truth after eight answers to chosen or random questions."""
    prior, errors = independent({str(at): 1.0 for at in range(8)}), []
    for seed in seeds:
        rng = np.random.default_rng(seed)
        truth = rng.normal(size=8)
        candidates = rng.normal(size=(60, 8)) * rng.choice([0.2, 2.0], size=(60, 1))
        learned = fit(no_comparisons(8), prior)
        data = no_comparisons(8)
        for asked in range(8):
            at = most_informative(learned, candidates) if questions == "chosen" else asked
            row = candidates[at] * np.sign(candidates[at] @ truth)
            data = data.and_also(Comparisons((asked,), row[None, :], np.ones(1)))
            learned = fit(data, prior, start=learned)
        errors.append(float(np.linalg.norm(learned.mean - truth)))
    return float(np.mean(errors))


def test_chosen_questions_teach_more_than_random_ones() -> None:
    assert mean_error("chosen", range(20)) < mean_error("random", range(20)) - 0.15


def test_the_first_draft_stays_where_taste_is_unsure() -> None:
    drafts = FEATURES.of("How?", [LONG, SHORT])
    unsure = fit(no_comparisons(len(FEATURES.names)), FEATURES.stranger())
    assert pick(unsure, drafts).index == 0
    sure = fit(compare(liking_short(8), FEATURES), FEATURES.stranger())
    assert pick(sure, drafts).index == 1
    assert pick(sure, drafts).probability > 0.6
    assert pick(sure, drafts[::-1]).index == 0
    with pytest.raises(ValueError, match="no draft"):
        pick(sure, drafts[:0])


def test_examples_are_alike_and_not_exceptions_to_the_taste() -> None:
    choices = [*liking_short(6), choice(6, LONG, SHORT)]
    data = compare(choices, FEATURES)
    learned = fit(data, FEATURES.stranger())
    likeness = np.array([0.1, 0.2, 0.9, 0.3, 0.1, 0.2, 1.0])
    assert examples(learned, data.differences, likeness, limit=2) == [2, 3]


def test_losses_on_newest_choices_show_whether_taste_predicts() -> None:
    steady = held_back_losses(compare(liking_short(30), FEATURES), FEATURES.stranger())
    assert len(steady[0]) == 9
    assert judge(*steady).wins
    rng = np.random.default_rng(0)
    fickle = [choice(at, *rng.permutation([SHORT, LONG]).tolist()) for at in range(40)]
    assert not judge(*held_back_losses(compare(fickle, FEATURES), FEATURES.stranger())).wins
    few = held_back_losses(compare(liking_short(2), FEATURES), FEATURES.stranger())
    assert not judge(*few).wins
