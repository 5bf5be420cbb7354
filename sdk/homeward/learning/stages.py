"""
Trains in two stages: along the directions in which people differ, then anywhere.

A few texts say little about thousands of numbers, and much about 48. The second stage starts where
the first one did best. Both keep their checkpoints in one place, so a kill in either loses a step.
"""

from collections.abc import Sequence
from dataclasses import dataclass, field, replace

import numpy as np

from homeward.learning.controls import Controls
from homeward.learning.gradients.gradient import GradientModel
from homeward.learning.objectives import Objective
from homeward.learning.soft_prompt_prior import SoftPromptPrior
from homeward.learning.trainer import Checkpoints, Schedule, TrainingRun, train
from homeward.ports import Vector

_LENGTH_BYTES = 8


@dataclass(frozen=True, slots=True)
class InCoordinates:
    """An objective on a soft prompt's coordinates, (1, 48), instead of on the soft prompt."""

    objective: Objective
    prior: SoftPromptPrior

    @property
    def sizes(self) -> Sequence[int]:
        """Tokens of each item."""
        return self.objective.sizes

    @property
    def weights(self) -> Sequence[float]:
        """How much each item counts."""
        return self.objective.weights

    def losses(self, model: GradientModel, soft: Vector, items: Sequence[int]) -> Vector:
        """
        Loss of each item.

        Shapes:
            soft: (1, 48) float32, coordinates. Returns (len(items),), in nats.
        """
        return self.objective.losses(model, self.prior.soft(soft[0]), items)

    def step(
        self, model: GradientModel, soft: Vector, items: Sequence[int]
    ) -> tuple[float, Vector]:
        """
        Mean loss, and its gradient at the coordinates.

        Shapes:
            soft: (1, 48) float32, coordinates. Returns the loss, in nats, and (1, 48).
        """
        loss, gradient = self.objective.step(model, self.prior.soft(soft[0]), items)
        return loss, self.prior.along(gradient)[None]


@dataclass(slots=True)
class _Halves:
    """Two stages' states in one checkpoint: the first one's length, then both."""

    whole: Checkpoints
    parts: list[bytes] = field(default_factory=lambda: [b"", b""])

    def read(self) -> None:
        saved = self.whole.load() or b""
        size = int.from_bytes(saved[:_LENGTH_BYTES], "little")
        rest = saved[_LENGTH_BYTES:]
        self.parts = [rest[:size], rest[size:]]

    def write(self) -> None:
        first, second = self.parts
        self.whole.save(len(first).to_bytes(_LENGTH_BYTES, "little") + first + second)


@dataclass(frozen=True, slots=True)
class _Half:
    """One stage's share of a checkpoint."""

    halves: _Halves
    number: int

    def load(self) -> bytes | None:
        return self.halves.parts[self.number] or None

    def save(self, state: bytes) -> None:
        self.halves.parts[self.number] = state
        self.halves.write()


def learn_in_stages(
    model: GradientModel,
    objective: Objective,
    held_back: Objective,
    prior: SoftPromptPrior,
    *,
    origin: Vector | None = None,
    schedules: tuple[Schedule, Schedule],
    checkpoints: Checkpoints,
    controls: Controls | None = None,
) -> TrainingRun:
    """
    Learn coordinates from `origin`, then the whole soft prompt, pulled toward where it began.

    Shapes:
        origin: (48,) coordinates; None is the prior's mean.

    Guarantees:
        As `learn`; the budget is both stages' together, and the curve one line.
    """
    halves, controls = _Halves(checkpoints), controls or Controls()
    halves.read()
    start = np.zeros(len(prior.directions), np.float32) if origin is None else origin
    first = train(
        model,
        InCoordinates(objective, prior),
        InCoordinates(held_back, prior),
        start[None],
        schedule=schedules[0],
        checkpoints=_Half(halves, 0),
        controls=controls,
    )
    best = prior.soft(first.soft[0])
    if not first.finished or not schedules[1].epochs:
        return replace(first, soft=best, last=prior.soft(first.last[0]))
    left = None if controls.budget is None else controls.budget - first.cpu_seconds
    second = train(
        model,
        objective,
        held_back,
        best,
        prior=prior.soft(start),
        schedule=schedules[1],
        checkpoints=_Half(halves, 1),
        controls=replace(controls, budget=left),
    )
    return replace(
        second,
        curve=first.curve + second.curve[1:],
        cpu_seconds=first.cpu_seconds + second.cpu_seconds,
    )
