"""
Trains a soft prompt step by step, so that it can stop, be killed and resume at any point.

The same start, objective and settings give the same result, interrupted or not: the order of items
comes from the seed and the epoch alone, and a checkpoint holds everything else. Knows no store;
it saves bytes through a port.
"""

import hashlib
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from time import thread_time
from typing import Protocol

import numpy as np

from homeward.learning.adamw import Moments, advance
from homeward.learning.checkpoint import TrainingState, pack_state, unpack_state
from homeward.learning.controls import Controls, TrainingProgress
from homeward.learning.gradients.gradient import GradientModel
from homeward.learning.objectives import Objective
from homeward.ports import Vector


@dataclass(frozen=True, slots=True)
class Schedule:
    """How long and at which rates training runs."""

    epochs: int = 8  # at most; the stopping rule usually ends it sooner
    patience: int = 2  # epochs without a better held-back loss before it ends
    tokens_per_step: int = 256
    rate: float = 0.01  # a tenth of what a coordinate of a token embedding is
    warmup: int = 4  # steps
    cooling: float = 0.9  # share of the rate that is gone at the last epoch's end
    pull: float = 0.1  # toward the prior; see `adamw.advance`
    dropout: float = 0.0  # share of items left out of an epoch
    noise: float = 0.0  # standard deviation added to the soft prompt in each step
    averaged: float = 0.0  # weight that the running average of states keeps at each step
    seed: int = 0


class Checkpoints(Protocol):
    """Where the state lies between steps. `save` must replace the old bytes whole or not at all."""

    def load(self) -> bytes | None:
        """What was saved last."""
        ...

    def save(self, state: bytes) -> None:
        """Replace it."""
        ...


@dataclass(frozen=True, slots=True)
class TrainingRun:
    """
    The result of a training run.

    Shapes:
        soft: (k, width), the state with the lowest held-back loss;
        last: (k, width), the average of the last steps' states;
        curve: held-back loss before learning and after each epoch.
    """

    soft: Vector
    last: Vector
    curve: tuple[float, ...]
    cpu_seconds: float
    finished: bool  # False: cancelled or out of budget; learning again goes on from there


def train(
    model: GradientModel,
    objective: Objective,
    held_back: Objective,
    start: Vector,
    *,
    schedule: Schedule,
    checkpoints: Checkpoints,
    prior: Vector | None = None,
    controls: Controls | None = None,
) -> TrainingRun:
    """
    Learn from `start`, pulled toward `prior` (by default `start`).

    Shapes:
        start, prior: (k, width) float32.

    Guarantees:
        A state saved by another objective, schedule or start is not gone on from.
    """
    run = _Run(model, objective, held_back, schedule, start if prior is None else prior)
    state = unpack_state(checkpoints.load(), binding := run.binding(start))
    if state is None:
        state = run.first(start)
    for after in run.steps(state, controls or Controls()):
        checkpoints.save(pack_state(after, binding))
        state = after
    return TrainingRun(
        state.best, state.average, state.curve, state.cpu_seconds, run.is_over(state)
    )


class _Run:
    """One call's objective and schedule, so that the steps below need not hand them around."""

    def __init__(
        self,
        model: GradientModel,
        objective: Objective,
        held_back: Objective,
        schedule: Schedule,
        prior: Vector,
    ) -> None:
        self._model, self._objective, self._held_back = model, objective, held_back
        self._schedule, self._prior = schedule, prior

    def binding(self, start: Vector) -> str:
        """What a checkpoint must have been made for."""
        items = [
            (tuple(objective.sizes), tuple(objective.weights))
            for objective in (self._objective, self._held_back)
        ]
        content = hashlib.sha256(repr((self._schedule, items)).encode())
        content.update(np.ascontiguousarray(start).tobytes())
        content.update(np.ascontiguousarray(self._prior).tobytes())
        return content.hexdigest()

    def first(self, start: Vector) -> TrainingState:
        began = thread_time()
        held = self._held_loss(start)
        spent = thread_time() - began
        return TrainingState(*(start, start, start, Moments.zero(start)), 0, 0, (held,), spent)

    def is_over(self, state: TrainingState) -> bool:
        """Whether the epochs are through, or the held-back loss has stopped falling."""
        since_best = len(state.curve) - 1 - int(np.argmin(state.curve))
        return state.epoch >= self._schedule.epochs or since_best >= self._schedule.patience

    def steps(self, state: TrainingState, controls: Controls) -> Iterator[TrainingState]:
        """The state after each further step."""
        while not self.is_over(state) and not _stopped(state, controls):
            if controls.resume is not None:
                controls.resume.wait()
            began = thread_time()
            batches = self._batches(state.epoch)
            through = (state.epoch + state.batch / len(batches)) / self._schedule.epochs
            state, loss = self._step(state, batches[state.batch], through)
            if state.batch == len(batches):
                state = self._end_epoch(state)
            state = replace(state, cpu_seconds=state.cpu_seconds + thread_time() - began)
            controls.report(self._progress(state, loss, len(batches)))
            yield state

    def _step(
        self, state: TrainingState, items: Sequence[int], through: float
    ) -> tuple[TrainingState, float]:
        schedule = self._schedule
        at = state.soft
        if schedule.noise:
            rng = np.random.default_rng([schedule.seed, state.epoch, state.batch, 1])
            at = at + rng.normal(0, schedule.noise, at.shape).astype(np.float32)
        loss, gradient = self._objective.step(self._model, at, items)
        warm = min(1.0, (state.moments.steps + 1) / schedule.warmup)
        soft, moments = advance(
            state.soft,
            gradient,
            state.moments,
            rate=schedule.rate * warm * (1 - schedule.cooling * through),
            pull=schedule.pull,
            prior=self._prior,
        )
        kept = np.float32(schedule.averaged)
        average = kept * state.average + (1 - kept) * soft
        return replace(
            state, soft=soft, average=average, moments=moments, batch=state.batch + 1
        ), loss

    def _end_epoch(self, state: TrainingState) -> TrainingState:
        held = self._held_loss(state.average)
        best = state.average if held < min(state.curve) else state.best
        curve = (*state.curve, held)
        return replace(state, best=best, curve=curve, epoch=state.epoch + 1, batch=0)

    def _held_loss(self, soft: Vector) -> float:
        """Mean over tokens, as the steps count, so that short items don't rule."""
        sizes = np.asarray(self._held_back.sizes, np.float64)
        losses = np.concatenate(
            [
                self._held_back.losses(self._model, soft, items)
                for items in _batches(range(len(sizes)), self._held_back.sizes, 512)
            ]
        )
        return float((losses * sizes).sum() / sizes.sum())

    def _batches(self, epoch: int) -> list[list[int]]:
        rng = np.random.default_rng([self._schedule.seed, epoch])
        order = rng.permutation(len(self._objective.sizes))
        kept = order[: max(1, round(len(order) * (1 - self._schedule.dropout)))]
        chosen = [int(item) for item in kept]
        return _batches(chosen, self._objective.sizes, self._schedule.tokens_per_step)

    def _progress(self, state: TrainingState, loss: float, steps: int) -> TrainingProgress:
        done = state.epoch + state.batch / steps
        return TrainingProgress(
            epoch=state.epoch,
            epochs=self._schedule.epochs,
            step=state.batch,
            steps=steps,
            loss=loss,
            held_loss=min(state.curve),
            cpu_seconds=state.cpu_seconds,
            expected_cpu_seconds=state.cpu_seconds / done * self._schedule.epochs,
        )


def _batches(items: Sequence[int], sizes: Sequence[int], tokens: int) -> list[list[int]]:
    """Cut `items` into runs of about `tokens`; an item that is longer stands alone."""
    batches: list[list[int]] = []
    room = 0
    for item in items:
        if sizes[item] > room:
            batches.append([])
            room = tokens
        batches[-1].append(item)
        room -= sizes[item]
    return batches


def _stopped(state: TrainingState, controls: Controls) -> bool:
    spent = controls.budget is not None and state.cpu_seconds >= controls.budget
    return spent or (controls.cancel is not None and controls.cancel.is_set())
