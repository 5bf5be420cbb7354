"""A trial says yes to a real gain, and no to noise, to harm and to too little data."""

import json

import numpy as np
import pytest

from homeward.learning.paired_trial import (
    TrialRecord,
    TrialVerdict,
    judge,
    judge_with_choices,
    newest,
)


@pytest.mark.parametrize(
    ("gain", "items", "wins"),
    [(0.2, 60, True), (0.0, 60, False), (-0.2, 60, False), (0.2, 5, False)],
)
def test_only_a_clear_gain_wins(gain: float, items: int, *, wins: bool) -> None:
    rng = np.random.default_rng(4)
    off = rng.normal(3, 1, items).astype(np.float32)
    on = off - rng.normal(gain, 0.3, items).astype(np.float32)
    assert judge(off, on).wins is wins


def test_noise_wins_no_more_often_than_the_interval_allows() -> None:
    rng = np.random.default_rng(8)
    wins = sum(
        judge(np.zeros(40, np.float32), rng.normal(0, 1, 40).astype(np.float32)).wins
        for _ in range(200)
    )
    assert wins <= 14  # 2.5 % of 200 is 5; a binomial lies above 14 once in 5,000 times


@pytest.mark.parametrize(
    ("text", "choice", "wins"), [(0.0, 0.3, True), (-0.2, 0.5, False), (0.0, 0.0, False)]
)
def test_told_apart_choices_win_unless_texts_are_less_likely(
    text: float, choice: float, *, wins: bool
) -> None:
    rng = np.random.default_rng(4)
    off = rng.normal(3, 1, 16).astype(np.float32)
    less = rng.normal(text, 0.05, 16).astype(np.float32)
    texts, both = judge(off, off - less), judge(off, off - less - np.float32(choice))
    found = judge_with_choices(texts, both)
    assert (found.gain, found.wins) == (both.gain, wins)


def test_losses_of_different_items_are_refused() -> None:
    with pytest.raises(ValueError, match="3 losses off and 2 on"):
        judge(np.zeros(3, np.float32), np.zeros(2, np.float32))


def test_the_newest_are_held_back() -> None:
    older, held = newest(100, 0.2)
    assert (list(older), list(held)) == (list(range(80)), list(range(80, 100)))
    assert len(newest(3, 0.2)[0]) == 1


def test_a_record_comes_back_as_it_was() -> None:
    verdict = TrialVerdict(0.1, 0.05, 0.15, 20, wins=True)
    record = TrialRecord(
        *("aa", "bb", "cc", ("turn:1",), ("turn:2",), (3.0, 2.9), verdict, 12.5),
        learned_at="2026-01-01T00:00:00+00:00",
    )
    assert TrialRecord.from_json(record.to_json()) == record
    content = json.loads(record.to_json())
    del content["basis_sha256"]  # as it was written before
    assert TrialRecord.from_json(json.dumps(content)) == record
