"""A study learns, tries and records; forgetting a text leaves no trace in what is learned."""

from dataclasses import replace
from datetime import UTC, datetime

import numpy as np
import pytest

from homeward.learning.frame import Frame
from homeward.learning.gradient import GradientModel
from homeward.learning.learner import Schedule
from homeward.learning.study import Course, Outcome, Text, TooLittleToLearn, study


class _Unsaved:
    def load(self) -> bytes | None:
        return None

    def save(self, state: bytes) -> None:
        pass


def _course(model: GradientModel) -> Course:
    schedule = Schedule(epochs=4, tokens_per_step=32)
    return Course(model, "ab" * 32, Frame(before=(1,)), model.embed([3, 4]), schedule)


def _texts(count: int, *, lawful: bool) -> list[Text]:
    rng = np.random.default_rng(2)
    found = []
    for number in range(count):
        start = int(rng.integers(0, 8))
        cycle = tuple((start + n) % 8 + 60 for n in range(6))
        chance = tuple(int(t) for t in rng.integers(0, 97, 6))
        found.append(Text(f"turn:{number}", (9,), cycle if lawful else chance))
    return found


def _study(model: GradientModel, texts: list[Text]) -> Outcome:
    when = datetime(2026, 1, 1, tzinfo=UTC)
    return study(_course(model), texts, checkpoints=_Unsaved(), now=lambda: when)


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


def test_no_text_serves_twice(tiny: GradientModel) -> None:
    record = _study(tiny, _texts(30, lawful=True)).record
    used = [*record.learned_from, *record.held_back]
    assert used == [f"turn:{number}" for number in range(30)]


def test_too_few_texts_are_refused(tiny: GradientModel) -> None:
    with pytest.raises(TooLittleToLearn, match="12 texts"):
        _study(tiny, _texts(12, lawful=True))
