"""
The device's loop takes a question, lets the round answer it and sends the answer.

Runs only code that is installed here; whatever else a server sends is not a question. Knows a link
and a factory for rounds; opens no port, writes no file.
"""

import time
from collections.abc import Callable
from enum import StrEnum

from homeward_federated.errors import FederatedError, ProtocolViolation
from homeward_federated.rounds.device import DeviceRound
from homeward_federated.rounds.stage_names import DeviceStage
from homeward_federated.transport.transport import Link
from homeward_federated.wire.envelope import header
from homeward_federated.wire.messages import Invitation

# What a question is once its first bytes say it is an invitation: a fresh round.
_INVITATION = header(Invitation)

_POLL_SECONDS = 0.5  # a round's stages last seconds

Begin = Callable[[], DeviceRound]


class Node:
    """Answers one server's questions, one round at a time."""

    def __init__(self, link: Link, begin: Begin, *, clock: Callable[[], float]) -> None:
        self._link, self._begin, self._clock = link, begin, clock
        self._round: DeviceRound | None = None
        self.refusal: FederatedError | ValueError | None = (
            None  # why the last question was declined
        )

    @property
    def stage(self) -> DeviceStage:
        """What the device has done last in its round."""
        return self._round.stage if self._round else DeviceStage.IDLE

    def step(self) -> bool:
        """
        Answer the next question, if there is one; tell whether there was.

        A question that is refused is declined without a reason: which check failed is nobody's
        business but the person's.
        """
        question = self._link.next()
        if question is None:
            return False
        now = int(self._clock())
        try:
            answer = self._current(question.data).receive(question.data, now=now)
        except (FederatedError, ValueError) as reason:
            self.refusal = reason
            self._link.decline(question)
        else:
            self.refusal = None
            self._link.answer(question, answer)
        return True

    def leave(self) -> None:
        """Drop the round that is going on; what was not sent is not spent."""
        if self._round is not None:
            self._round.leave(now=int(self._clock()))
            self._round = None

    def _current(self, data: bytes) -> DeviceRound:
        if self._round is None or data.startswith(_INVITATION):
            self.leave()
            self._round = self._begin()
        return self._round


class Participation(StrEnum):
    """The outcome of taking part in a round."""

    NONE = "none"  # nothing left this device, nothing is spent
    SENT = "sent"  # the masked vector left, and the round did not finish in time
    WHOLE = "whole"  # the device has done all it had to


def take_part(
    node: Node,
    *,
    seconds: float,
    clock: Callable[[], float] = time.monotonic,
    sleep: Callable[[float], None] = time.sleep,
) -> Participation:
    """
    Answer one round's questions, at most for `seconds`.

    Raises:
        FederatedError: why this device refused the round it was invited to. A message that is no
        sound invitation is only dropped.
    """
    until = clock() + seconds
    try:
        while clock() < until:
            if not node.step():
                sleep(_POLL_SECONDS)
            if node.stage is DeviceStage.OVER:
                return Participation.WHOLE
            invited = node.stage is DeviceStage.INVITED
            if invited and not isinstance(node.refusal, ProtocolViolation | None):
                raise node.refusal
        return Participation.SENT if node.stage.vector_left else Participation.NONE
    finally:
        node.leave()
