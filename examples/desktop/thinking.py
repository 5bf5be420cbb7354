"""
The assistant behind the window: replies on one thread, learning on another that gives way.

The window's thread never waits for a model. What the two threads have to say goes to it by Qt
signals, which cross threads by themselves.
"""

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from threading import Event

from PySide6.QtCore import QObject, Signal

from homeward import Assistant, ModelError, Reply, Sampling, StoreError
from homeward.errors import TooLittleToLearn
from homeward.learning.controls import Controls, TrainingProgress
from homeward_store import Category, Purpose

CONSENT = "Learn from my writings and choices, on this device only"
_LEARN_FROM = (Category.WRITINGS, Category.CHOICES)
_FREER = Sampling(temperature=0.9)  # a second reply is to be another one


class Thinking(QObject):
    """One conversation, and what is learned beside it."""

    piece = Signal(str)  # of the reply that is being made
    replied = Signal(Reply)
    failed = Signal(str)
    learning = Signal(str)  # where it stands, in words

    def __init__(self, me: Assistant) -> None:
        super().__init__()
        self._me = me
        self._replies, self._learner = ThreadPoolExecutor(1), ThreadPoolExecutor(1)
        self._conversation = self._replies.submit(me.conversation)  # loads the model, once
        self._idle, self._stop = Event(), Event()
        self._idle.set()
        self._reply: Reply | None = None

    @property
    def may_learn(self) -> bool:
        """Whether the person agreed to it."""
        return all(self._me.profile.consent.allows(Purpose.LEARN, one) for one in _LEARN_FROM)

    def ask(self, question: str) -> None:
        """Begin to answer."""
        self._replies.submit(self._stream, lambda: self._conversation.result().ask(question))

    def answer_again(self) -> None:
        """Begin another reply to the same question."""
        self._replies.submit(
            self._stream, lambda: self._conversation.result().retry(sampling=_FREER)
        )

    def keep(self, question: str, kept: Reply, left: Reply) -> None:
        """Go on with one of two replies, and remember that it was chosen."""
        self._replies.submit(self._settle, question, kept, left)

    def learn(self, *, agreed: bool) -> None:
        """Record the person's answer, and learn in the background or stop."""
        consent = self._me.profile.consent
        if agreed:
            consent.grant(Purpose.LEARN, *_LEARN_FROM, shown=CONSENT)
            self._stop.clear()
            self._learner.submit(self._learn)
        else:
            consent.withdraw(Purpose.LEARN, *_LEARN_FROM, shown=CONSENT)
            self._stop.set()

    def end(self) -> None:
        """Stop both threads; learning keeps a checkpoint and goes on from it next time."""
        self._stop.set()
        self._idle.set()
        if self._reply is not None:
            self._reply.cancel()
        for pool in (self._replies, self._learner):
            pool.shutdown(cancel_futures=True)

    def _stream(self, begin: Callable[[], Reply]) -> None:
        self._idle.clear()
        try:
            with begin() as self._reply:
                for piece in self._reply:
                    self.piece.emit(piece)
            self.replied.emit(self._reply)
        except (ModelError, StoreError) as error:
            self.failed.emit(str(error))  # it names the thing, never what somebody said
        finally:
            self._idle.set()

    def _settle(self, question: str, kept: Reply, left: Reply) -> None:
        chosen, rejected = kept.text_so_far, left.text_so_far
        self._conversation.result().settle(chosen)
        if chosen != rejected:  # the same twice is no choice
            self._me.prefer(question, chosen=chosen, rejected=rejected, turn=kept.turn)

    def _learn(self) -> None:
        self._conversation.result()
        self.learning.emit("Learning …")
        controls = Controls(cancel=self._stop, resume=self._idle, report=self._tell)
        try:
            trained = self._me.learn(controls)
        except (TooLittleToLearn, ModelError, StoreError) as error:
            self.learning.emit(f"Not learned: {error}")
        else:
            how = "in use" if trained.state.on else "no better than without: off"
            self.learning.emit(f"Learned; {how}" if trained.finished else "Learning stopped")

    def _tell(self, step: TrainingProgress) -> None:
        done = (step.epoch + step.step / step.steps) / step.epochs
        self.learning.emit(f"Learning: {done:.0%}")
