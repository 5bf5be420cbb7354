"""
Two ports, one for each side, define what the protocol needs of a message carrier.

Knows bytes and node numbers. An adapter may lose, delay or repeat messages; it must not need to be
trusted.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Protocol


@dataclass(frozen=True, slots=True)
class Question:
    """A message from the server to this device, and what the adapter needs to answer it."""

    data: bytes
    handle: object


class Link(Protocol):
    """Receives the server's questions on the device and sends its answers."""

    def next(self) -> Question | None:
        """Return the next waiting question, or None; does not block for long."""
        ...

    def answer(self, question: Question, data: bytes) -> None:
        """Send the answer."""
        ...

    def decline(self, question: Question) -> None:
        """Tell the server not to wait, and nothing else."""
        ...


@dataclass(frozen=True, slots=True)
class Answer:
    """What one node sent back; None when it declined."""

    node: int
    data: bytes | None


class Carrier(Protocol):
    """Sends questions to devices and collects their answers."""

    def nodes(self) -> Sequence[int]:
        """Return the nodes that can be asked now."""
        ...

    def ask(self, questions: Mapping[int, bytes]) -> None:
        """Send a question to each node; answers to earlier ones no longer matter."""
        ...

    def collect(self) -> Sequence[Answer]:
        """Return the answers that arrived since the last call."""
        ...
