"""Publishes training progress and missing consents as events."""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace

from homeward.events import ConsentAsked, Events, LearningProgress
from homeward.learning.controls import Controls, TrainingProgress
from homeward_store import ConsentRequired


@contextmanager
def publishing_progress(controls: Controls, events: Events) -> Iterator[Controls]:
    """Return `controls` that also publish each step; a refusal is published and goes on."""

    def report(step: TrainingProgress) -> None:
        controls.report(step)
        done = (step.epoch + step.step / max(1, step.steps)) / max(1, step.epochs)
        left = max(0.0, step.expected_cpu_seconds - step.cpu_seconds)
        events.publish(LearningProgress(min(1.0, done), step.held_loss, left, step.ended))

    try:
        yield replace(controls, report=report)
    except ConsentRequired as refused:
        events.publish(ConsentAsked("homeward", str(refused)))
        raise
