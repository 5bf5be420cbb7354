"""
A rehearsed device that writes down what it added to each sum, and can kill itself at a stage.

    python witness.py OPERATOR_FOLDER DEVICE_FOLDER

Run by rehearse_kills.py only. The file `die` in the device's folder holds "round stage": in that
round, counted from 1, the process kills itself when it is asked that stage's question. `connected`
holds the number of the process that the SuperLink let in.
"""

import os
import signal
import sys
import time
from pathlib import Path

import numpy as np

from homeward_federated.operator.device_home import DeviceHome
from homeward_federated.operator.folder import OperatorHome
from homeward_federated.rounds import contributing
from homeward_federated.secure_aggregation.quantizing import from_words
from homeward_federated.transport.client_loop import Node
from homeward_federated.transport.flower_device import connect
from homeward_federated.transport.transport import Link, Question
from homeward_federated.wire.envelope import header
from homeward_federated.wire.messages import Invitation

# What the device has done last, by the server's name for the question that comes next.
BEFORE = {"Invited": "Inviting", "Committed": "Revealing", "Advertised": "Sharing",
          "Dealt": "Masking", "Sent": "Agreeing", "Agreed": "Opening"}  # fmt: skip


def witnessed(folder: Path) -> None:
    noised = contributing.Dealt._noised

    def write_down(self: contributing.Dealt) -> "np.ndarray[tuple[int], np.dtype[np.uint32]]":
        words = noised(self)
        np.save(folder / f"noised-{self.round.terms.round_id.hex()}.npy", from_words(words))
        return words

    contributing.Dealt._noised = write_down  # type: ignore[method-assign]


class Doomed:
    """A link that ends the process when the question comes that it is doomed at."""

    def __init__(self, link: Link, folder: Path) -> None:
        self._link, self._folder = link, folder
        self.node: Node | None = None

    def next(self) -> Question | None:
        question = self._link.next()
        if question is not None and self.node is not None and self._is_the_one(question):
            os.kill(os.getpid(), signal.SIGKILL)
        return question

    def _is_the_one(self, question: Question) -> bool:
        die, count = self._folder / "die", self._folder / "invitations"
        invited = question.data.startswith(header(Invitation))
        if invited:
            count.write_text(str(int(count.read_text() if count.exists() else 0) + 1))
        if not die.exists() or self.node is None:
            return False
        number, stage = die.read_text().split()
        now = "Inviting" if invited else BEFORE.get(self.node.stage, "")
        if (now, count.read_text()) != (stage, number):
            return False
        die.unlink()
        return True

    def answer(self, question: Question, data: bytes) -> None:
        self._link.answer(question, data)

    def decline(self, question: Question) -> None:
        self._link.decline(question)


def main(home: Path, folder: Path) -> None:
    operator, mine = OperatorHome(home), DeviceHome(folder)
    witnessed(folder)
    ca, key = (home / "tls" / "ca.crt").read_bytes(), (folder / "node.key").read_bytes()
    with connect(operator.settings().address, ca=ca, node_key=key) as link:
        (folder / "connected").write_text(str(os.getpid()))
        doomed = Doomed(link, folder)
        doomed.node = node = Node(doomed, mine.begin, clock=time.time)
        while True:
            if not node.step():
                time.sleep(1.0)


if __name__ == "__main__":
    main(Path(sys.argv[1]), Path(sys.argv[2]))
