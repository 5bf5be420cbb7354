"""
Carries messages in memory: nodes and server share one process and use queues.

For tests and rehearsals without a network; keeps the same promises as the real carrier, and the
same contract tests.
"""

from collections import deque
from collections.abc import Mapping, Sequence

from homeward_federated.transport.transport import Answer, Question


class InMemoryTransport:
    """The server's end, with a `MemoryLink` for each node."""

    def __init__(self, nodes: Sequence[int]) -> None:
        self.links = {node: MemoryLink(self, node) for node in nodes}
        self._arrived: list[Answer] = []
        self._asked = 0

    def nodes(self) -> Sequence[int]:
        """Return the nodes that can be asked now."""
        return list(self.links)

    def ask(self, questions: Mapping[int, bytes]) -> None:
        """Put a question into each node's queue; what arrives for earlier ones is dropped."""
        self._asked += 1
        self._arrived.clear()
        for node, data in questions.items():
            self.links[node].waiting.append(Question(data, self._asked))

    def collect(self) -> Sequence[Answer]:
        """Return the answers that arrived since the last call."""
        arrived, self._arrived = self._arrived, []
        return arrived

    def arrive(self, asked: object, answer: Answer) -> None:
        """Take in a node's answer, unless the server has moved on."""
        if asked == self._asked:
            self._arrived.append(answer)


class MemoryLink:
    """One node's end of an exchange."""

    def __init__(self, exchange: InMemoryTransport, node: int) -> None:
        self.waiting: deque[Question] = deque()
        self._exchange, self._node = exchange, node

    def next(self) -> Question | None:
        """Return the next waiting question, or None."""
        return self.waiting.popleft() if self.waiting else None

    def answer(self, question: Question, data: bytes) -> None:
        """Send the answer."""
        self._exchange.arrive(question.handle, Answer(self._node, data))

    def decline(self, question: Question) -> None:
        """Tell the server not to wait."""
        self._exchange.arrive(question.handle, Answer(self._node, None))
