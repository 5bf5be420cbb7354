"""
Conducts one round over a carrier: asks the devices, waits and closes each stage.

Knows time and nodes; the rules are server's. How long a stage waits decides who drops out, and
nothing about anyone's privacy.
"""

import time
from collections.abc import Callable
from dataclasses import dataclass, field

from homeward_federated.errors import FederatedError
from homeward_federated.rounds.server import Opened, ServerRound
from homeward_federated.transport.transport import Answer, Carrier
from homeward_federated.wire.envelope import decode
from homeward_federated.wire.messages import Signed

_POLL_SECONDS = 0.2


@dataclass(frozen=True, slots=True)
class StageRecord:
    """Records how one stage of a round went."""

    name: str
    asked: int
    answered: int
    refused: int
    seconds: float


@dataclass(slots=True)
class Conductor:
    """Runs rounds over one carrier."""

    carrier: Carrier
    patience: float = 30.0  # seconds that a stage waits for its slowest device
    clock: Callable[[], float] = time.monotonic
    sleep: Callable[[float], None] = time.sleep
    stages: list[StageRecord] = field(default_factory=list)  # of the round in progress
    _nodes: dict[bytes, int] = field(default_factory=dict)  # identity key to node

    def run(self, server: ServerRound) -> Opened:
        """
        Run one round to its end.

        Raises:
            FederatedError: what the server raised when a stage closed.
        """
        self.stages, self._nodes = [], {}
        questions = dict.fromkeys(self.carrier.nodes(), server.invitation)
        while questions:
            self._run_stage(server, questions)
            questions = {self._nodes[key]: data for key, data in server.close().items()}
        return server.opened

    def _run_stage(self, server: ServerRound, questions: dict[int, bytes]) -> None:
        name, begun = server.stage, self.clock()
        waiting, refused = set(questions), 0
        self.carrier.ask(questions)
        while waiting and self.clock() - begun < self.patience:
            for answer in self.carrier.collect():
                waiting.discard(answer.node)
                refused += not self._accept(server, answer)
            if waiting:
                self.sleep(_POLL_SECONDS)
        seconds = self.clock() - begun
        self.stages.append(StageRecord(name, len(questions), server.answered, refused, seconds))

    def _accept(self, server: ServerRound, answer: Answer) -> bool:
        if answer.data is None:
            return False
        try:
            server.receive(answer.data)
            self._nodes.setdefault(decode(Signed, answer.data).sender, answer.node)
        except FederatedError:
            # A device that sends something else only drops itself.
            return False
        return True
