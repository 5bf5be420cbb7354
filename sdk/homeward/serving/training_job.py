"""Runs training in the background, one job at a time, watched and stopped from any thread."""

from enum import StrEnum
from threading import Event, Thread

from homeward.assistant import Assistant
from homeward.learning.controls import Controls, TrainingProgress
from homeward_store import Category, Purpose


class JobState(StrEnum):
    """The outcome of training since the server started."""

    IDLE = "idle"
    RUNNING = "running"
    STOPPED = "stopped"  # half-way, with a checkpoint
    DONE = "done"
    FAILED = "failed"


class TrainingJob:
    """The learning of one assistant."""

    def __init__(self) -> None:
        self.state = JobState.IDLE
        self.progress: TrainingProgress | None = None
        self.failed: str | None = None
        self._cancel = Event()
        self._thread: Thread | None = None

    def start(self, me: Assistant, *, budget: float | None) -> None:
        """
        Start training on its own thread, unless it runs already. Call this on `me`'s thread.

        Raises:
            ConsentRequired: before anything was begun.
        """
        if self.state is JobState.RUNNING:
            return
        me.profile.consent.require(Purpose.LEARN, Category.WRITINGS)
        me.load()  # here, so that no two threads load the models
        self._cancel.clear()
        self.state, self.progress, self.failed = JobState.RUNNING, None, None
        controls = Controls(cancel=self._cancel, budget=budget, report=self._report)
        self._thread = Thread(target=self._learn, args=(me, controls), name="homeward-training")
        self._thread.start()

    def stop(self) -> None:
        """End learning after its current step; a checkpoint is kept."""
        self._cancel.set()

    def close(self) -> None:
        """Stop and wait until the thread is gone."""
        self.stop()
        if self._thread is not None:
            self._thread.join()

    def _report(self, progress: TrainingProgress) -> None:
        self.progress = progress

    def _learn(self, me: Assistant, controls: Controls) -> None:
        try:
            finished = me.learn(controls).finished
        except Exception as error:  # noqa: BLE001  shown to whoever asks how it went
            self.failed = f"{type(error).__name__}: {error}"
            self.state = JobState.FAILED
        else:
            self.state = JobState.DONE if finished else JobState.STOPPED
