"""
A published prior is the shared starting point of all devices of a task.

One vector for everyone and one offset per group; a person's prior is their sum. Knows arrays and
their encoding; docs/formats/federation-prior-v2.md. Knows no signatures: see publishing.
"""

import hashlib
from collections.abc import Mapping
from dataclasses import dataclass
from typing import ClassVar

import numpy as np
from numpy.typing import NDArray

from homeward_federated.errors import Malformed
from homeward_federated.wire.envelope import decode, encode
from homeward_federated.wire.fields import Blob, Field, Name, Octets, Whole
from homeward_federated.wire.messages import MAX_PRIOR_BYTES


@dataclass(frozen=True, slots=True)
class PriorMessage:
    """A prior on the wire and on disk: little-endian float32, group after group."""

    KIND: ClassVar[int] = 20
    SHAPES: ClassVar[Mapping[str, Field]] = {
        "task": Name(64),
        "version": Whole(0, 1 << 32),
        "previous": Octets(32),
        "dims": Whole(1, 4096),
        "groups": Whole(0, 256),
        "numbers": Blob(4, MAX_PRIOR_BYTES - 512),
        "live": Blob(0, 256),
    }
    task: str
    version: int
    previous: bytes
    dims: int
    groups: int
    numbers: bytes
    live: bytes


@dataclass(frozen=True, slots=True, eq=False)
class PublishedPrior:
    """
    One version of a task's shared vectors.

    `live` marks the groups that devices may choose; a group that is not live is an empty place in
    the layout, or one that was frozen because too few choose it.
    """

    task: str
    version: int
    previous: bytes  # SHA-256 of the version before, zeros for the first
    everyone: NDArray[np.float32]  # (dims,)
    groups: NDArray[np.float32]  # (groups, dims), offsets from `everyone`
    live: NDArray[np.bool_]  # (groups,)

    @classmethod
    def blank(cls, task: str, *, dims: int, groups: int) -> "PublishedPrior":
        """Return version 0: zeros, no live group."""
        nothing = np.zeros((groups, dims), np.float32)
        return cls(task, 0, bytes(32), np.zeros(dims, np.float32), nothing, np.zeros(groups, bool))

    def encode(self) -> bytes:
        """Return the canonical bytes."""
        numbers = np.concatenate([self.everyone, self.groups.ravel()]).astype("<f4").tobytes()
        groups, dims = self.groups.shape
        live = self.live.astype(np.uint8).tobytes()
        return encode(
            PriorMessage(self.task, self.version, self.previous, dims, groups, numbers, live)
        )

    @classmethod
    def decode(cls, data: bytes) -> "PublishedPrior":
        """
        Return the prior in `data`.

        Raises:
            Malformed: not a prior, of inconsistent lengths, or with a number that is not finite.
        """
        message = decode(PriorMessage, data)
        if len(message.numbers) != 4 * message.dims * (message.groups + 1):
            raise Malformed(f"a prior with {len(message.numbers)} bytes of numbers")
        if len(message.live) != message.groups or set(message.live) - {0, 1}:
            raise Malformed("a prior whose groups are not marked live or not")
        numbers = np.frombuffer(message.numbers, "<f4").astype(np.float32)
        if not np.isfinite(numbers).all():
            raise Malformed("a prior with numbers that are not finite")
        vectors = numbers.reshape(message.groups + 1, message.dims)
        live = np.frombuffer(message.live, np.uint8).astype(bool)
        return cls(message.task, message.version, message.previous, vectors[0], vectors[1:], live)

    @property
    def hash(self) -> bytes:
        """The SHA-256 of the encoding: how terms and histories name this version."""
        return hashlib.sha256(self.encode()).digest()

    def of_group(self, group: int | None) -> NDArray[np.float64]:
        """
        Return the vector that a person of `group` starts from; None is everyone's.

        Shapes:
            Returns (dims,) float64.
        """
        start = self.everyone.astype(np.float64)
        return start if group is None else start + self.groups[group]


def nearest_group(vector: NDArray[np.float64], prior: PublishedPrior) -> int | None:
    """
    Return the live group whose prior lies closest to `vector`; None when no group is live.

    Shapes:
        vector: (dims,) float64.
    """
    live = np.flatnonzero(prior.live)
    if not len(live):
        return None
    gaps = [float(np.sum((vector - prior.of_group(int(g))) ** 2)) for g in live]
    return int(live[int(np.argmin(gaps))])
