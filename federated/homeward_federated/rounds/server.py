"""
The server's side of a round takes answers and returns each device's next question, without I/O.

    Inviting → Revealing → Sharing → Masking → Agreeing → Opening → Finished

The server checks what it can so that an honest round survives bad devices; nobody's privacy rests
on these checks. A message that comes after its stage closed is refused and never kept: a late
masked vector would be data about one person.
"""

import hashlib
from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from homeward_federated.errors import OutOfOrder
from homeward_federated.rounds.stage_names import ServerStage
from homeward_federated.rounds.stages import Finished, Inviting, Questions, State
from homeward_federated.secure_aggregation.identity import SigningKey, invite
from homeward_federated.secure_aggregation.vector_layout import Sums, VectorLayout, take_apart
from homeward_federated.wire.envelope import encode
from homeward_federated.wire.messages import Terms


@dataclass(frozen=True, slots=True, eq=False)
class Opened:
    """A finished round: the noisy sum in quanta, and how many devices are in it."""

    terms: Terms
    quanta: NDArray[np.int64]  # (layout.size,)
    left: Mapping[ServerStage, int]  # how many devices had answered when each stage closed

    @property
    def survivors(self) -> int:
        """The number of devices in the sum."""
        return self.left[ServerStage.MASKING]

    @property
    def sums(self) -> Sums:
        """The sum in units, taken apart by slot."""
        layout = VectorLayout(self.terms.dims, self.terms.groups)
        units = self.quanta / self.terms.scale
        return take_apart(units, layout=layout, largest_norm=self.terms.clip)


class ServerRound:
    """One round at the server. Call `receive` for each answer and `close` to end a stage."""

    def __init__(
        self, terms: Terms, *, operator: SigningKey, authority: bytes, prior: bytes
    ) -> None:
        self.invitation = invite(operator, terms=terms, prior=prior)
        self._state: State = Inviting(terms, authority, hashlib.sha256(encode(terms)).digest())
        self._left: dict[ServerStage, int] = {}

    @property
    def stage(self) -> ServerStage:
        """What the server waits for."""
        return self._state.STAGE

    @property
    def answered(self) -> int:
        """How many devices have answered in this stage."""
        return self._state.answered

    def receive(self, data: bytes) -> None:
        """
        Keep a device's answer.

        Raises:
            ProtocolViolation: the answer is refused; the round is as it was.
        """
        self._state.receive(data)

    def close(self) -> Questions:
        """
        End this stage and return the next question for each device that is still in.

        After the last stage there are no more questions, and `opened` has the sum.

        Raises:
            TooFewSurvivors: the round is dropped; nothing was opened.
            RoundSpoiled: the masks do not come off, or the sum cannot be honest.
        """
        left, answered = self.stage, self.answered
        self._state, questions = self._state.close()
        self._left[left] = answered
        return questions

    @property
    def opened(self) -> Opened:
        """
        The result, once the last stage is closed.

        Raises:
            OutOfOrder: the last stage is not closed yet.
        """
        if not isinstance(self._state, Finished):
            raise OutOfOrder(f"the round is still {self.stage}")
        return Opened(self._state.terms, self._state.quanta, dict(self._left))
