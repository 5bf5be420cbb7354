"""Lets an app watch, pause and stop training that runs beside it."""

from collections.abc import Callable
from dataclasses import dataclass
from threading import Event


@dataclass(frozen=True, slots=True)
class TrainingProgress:
    """The progress of training."""

    epoch: int
    epochs: int
    step: int
    steps: int  # of this epoch
    loss: float  # of the last step
    held_loss: float  # of the best epoch so far
    cpu_seconds: float  # spent since the start, kills included
    expected_cpu_seconds: float  # until the last epoch, were none left out
    ended: str = ""  # why it goes no further: a text was forgotten, or may not be learned from


@dataclass(frozen=True, slots=True)
class Controls:
    """Lets an app pause, stop and watch training."""

    cancel: Event | None = None
    resume: Event | None = None  # while cleared, learning waits; None never waits
    budget: float | None = None  # CPU seconds in all
    report: Callable[[TrainingProgress], None] = lambda _: None
