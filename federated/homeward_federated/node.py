"""
The device's loop: take a question, let the round answer it, send the answer.

Runs only code that is installed here; whatever else a server sends is not a question. Knows a link
and a factory for rounds; opens no port, writes no file.
"""

from collections.abc import Callable

from homeward_federated.device import DeviceRound
from homeward_federated.errors import FederatedError
from homeward_federated.transport import Link

# What a question is once its first bytes say it is an invitation: a fresh round.
_INVITATION = b"HWF\x01\x02"

Begin = Callable[[], DeviceRound]


class Node:
    """Answers one server's questions, one round at a time."""

    def __init__(self, link: Link, begin: Begin, *, clock: Callable[[], float]) -> None:
        self._link, self._begin, self._clock = link, begin, clock
        self._round: DeviceRound | None = None

    @property
    def stage(self) -> str:
        """What the device has done last in its round."""
        return self._round.stage if self._round else "Idle"

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
            answer = self._current(question.data, now).receive(question.data, now=now)
        except (FederatedError, ValueError):
            self._link.decline(question)
        else:
            self._link.answer(question, answer)
        return True

    def _current(self, data: bytes, now: int) -> DeviceRound:
        if self._round is None or data.startswith(_INVITATION):
            if self._round is not None:
                self._round.leave(now=now)
            self._round = self._begin()
        return self._round
