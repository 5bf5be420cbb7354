"""Learning lowers the loss, stops by itself, and survives a kill at any point."""

from dataclasses import dataclass, field, replace
from threading import Event, Timer

import numpy as np
import pytest

from homeward.learning.controls import Controls, TrainingProgress
from homeward.learning.gradients.gradient import GradientModel
from homeward.learning.gradients.packing import TrainingExample
from homeward.learning.gradients.prompt_slot import PromptSlot
from homeward.learning.objectives import Likelihood, Mixture, Pair, Preference
from homeward.learning.trainer import Schedule, TrainingRun, train

_SCHEDULE = Schedule(epochs=3, tokens_per_step=24, patience=3)


@dataclass
class Memory:
    """Checkpoints in memory; dies at the `dies_at`-th save, half-way or after it."""

    saved: bytes | None = None
    dies_at: int = -1
    saves: int = 0
    kept: list[bytes] = field(default_factory=list)

    def load(self) -> bytes | None:
        return self.saved

    def save(self, state: bytes) -> None:
        self.saves += 1
        if self.saves == self.dies_at:
            raise KeyboardInterrupt
        self.saved = state


def _texts(rng: np.random.Generator, count: int) -> list[TrainingExample]:
    """Cycles of eight tokens: easy to predict once a soft prompt says which."""
    return [
        TrainingExample(tuple(int((start + n) % 8 + 60) for n in range(6)))
        for start in rng.integers(0, 8, count)
    ]


def _learn(
    model: GradientModel,
    memory: Memory,
    *,
    schedule: Schedule = _SCHEDULE,
    controls: Controls | None = None,
    texts: list[TrainingExample] | None = None,
) -> TrainingRun:
    rng = np.random.default_rng(2)
    frame = PromptSlot(before=(1,))
    examples = texts or _texts(rng, 14)
    return train(
        model,
        Likelihood(frame, examples[:10]),
        Likelihood(frame, examples[10:]),
        model.embed([3, 4]),
        schedule=schedule,
        checkpoints=memory,
        controls=controls,
    )


def test_learning_lowers_the_held_back_loss(tiny: GradientModel) -> None:
    learned = _learn(tiny, Memory())
    assert learned.finished
    assert min(learned.curve[1:]) < learned.curve[0] - 0.05


def test_a_kill_at_any_step_changes_nothing(tiny: GradientModel) -> None:
    whole = Memory()
    wanted = _learn(tiny, whole)
    for dies_at in range(1, whole.saves + 1):
        memory = Memory(dies_at=dies_at)
        with pytest.raises(KeyboardInterrupt):
            _learn(tiny, memory)
        again = _learn(tiny, memory)
        assert again.soft.tobytes() == wanted.soft.tobytes()
        assert again.curve == wanted.curve


@pytest.mark.parametrize("kept", [0, 1, 40, -1])
def test_a_damaged_checkpoint_starts_anew(kept: int, tiny: GradientModel) -> None:
    memory = Memory()
    wanted = _learn(tiny, memory)
    assert memory.saved is not None
    memory.saved = memory.saved[:kept]
    assert _learn(tiny, memory).soft.tobytes() == wanted.soft.tobytes()


def test_another_schedule_does_not_go_on_from_the_checkpoint(tiny: GradientModel) -> None:
    memory = Memory()
    _learn(tiny, memory)
    other = replace(_SCHEDULE, seed=1)
    fresh = _learn(tiny, Memory(), schedule=other)
    assert _learn(tiny, memory, schedule=other).soft.tobytes() == fresh.soft.tobytes()


def test_noise_teaches_nothing_and_ends_early(tiny: GradientModel) -> None:
    rng = np.random.default_rng(9)
    texts = [TrainingExample(tuple(int(t) for t in rng.integers(0, 97, 6))) for _ in range(14)]
    schedule = Schedule(epochs=50, patience=2, tokens_per_step=24, rate=0.05)
    learned = _learn(tiny, Memory(), schedule=schedule, texts=texts)
    assert len(learned.curve) < 20
    assert min(learned.curve) == learned.curve[int(np.argmin(learned.curve))]


def test_a_budget_of_nothing_leaves_the_start(tiny: GradientModel) -> None:
    learned = _learn(tiny, Memory(), controls=Controls(budget=0.0))
    assert not learned.finished
    assert learned.soft.tobytes() == tiny.embed([3, 4]).tobytes()


def test_cancelled_learning_goes_on_where_it_was(tiny: GradientModel) -> None:
    wanted, memory, cancel = _learn(tiny, Memory()), Memory(), Event()
    seen: list[TrainingProgress] = []

    def stop_at_two(progress: TrainingProgress) -> None:
        seen.append(progress)
        if len(seen) == 2:
            cancel.set()

    halted = _learn(tiny, memory, controls=Controls(cancel=cancel, report=stop_at_two))
    assert not halted.finished
    assert seen[1].expected_cpu_seconds > seen[1].cpu_seconds
    assert _learn(tiny, memory).soft.tobytes() == wanted.soft.tobytes()


def test_a_pause_waits_until_it_is_lifted(tiny: GradientModel) -> None:
    resume = Event()
    Timer(0.2, resume.set).start()
    assert _learn(tiny, Memory(), controls=Controls(resume=resume)).finished
    assert resume.is_set()


def _prefer(model: GradientModel, memory: Memory, *, strength: float = 0.5) -> TrainingRun:
    """Learn from texts and choices at once."""
    frame, texts = PromptSlot(before=(1,)), _texts(np.random.default_rng(2), 12)
    pairs = [
        Pair(
            TrainingExample((9, *text.tokens), 1),
            TrainingExample((9, *text.tokens[::-1]), 1),
            strength,
        )
        for text in texts[:5]
    ]
    return train(
        model,
        Mixture([(Likelihood(frame, texts[:8]), 1.0), (Preference(frame, pairs), 1.0)]),
        Likelihood(frame, texts[8:]),
        model.embed([3, 4]),
        schedule=_SCHEDULE,
        checkpoints=memory,
    )


def test_a_kill_while_choices_are_learned_changes_nothing(tiny: GradientModel) -> None:
    whole = Memory()
    wanted = _prefer(tiny, whole)
    for dies_at in range(1, whole.saves + 1, 3):
        memory = Memory(dies_at=dies_at)
        with pytest.raises(KeyboardInterrupt):
            _prefer(tiny, memory)
        assert _prefer(tiny, memory).soft.tobytes() == wanted.soft.tobytes()


def test_choices_that_count_otherwise_do_not_go_on_from_the_checkpoint(
    tiny: GradientModel,
) -> None:
    memory = Memory(dies_at=5)
    with pytest.raises(KeyboardInterrupt):
        _prefer(tiny, memory)
    fresh = _prefer(tiny, Memory(), strength=0.1)
    assert _prefer(tiny, memory, strength=0.1).soft.tobytes() == fresh.soft.tobytes()
