"""A server that plays honestly up to a stage: what the attack tests strike from."""

import dataclasses
import hashlib
from collections.abc import Iterable

import numpy as np
import pytest

from homeward_federated import (
    FederatedError,
)
from homeward_federated.priors.published_prior import PublishedPrior
from homeward_federated.rounds.device import DeviceRound
from homeward_federated.secure_aggregation.roster import make_commitments, to_bitmap
from homeward_federated.simulation.cohorts import LocalFederation
from homeward_federated.wire.envelope import Message, decode, encode
from homeward_federated.wire.messages import (
    Commitment,
    Roster,
    Signed,
    Survivors,
    Terms,
)

Answers = dict[bytes, bytes]


class Ambush:
    """A server that plays honestly up to a stage and then asks what it likes."""

    def __init__(
        self, federation: LocalFederation, prior: PublishedPrior, terms: Terms, now: int
    ) -> None:
        self.federation, self.prior, self.terms, self.now = federation, prior, terms, now
        self.members = federation.enrol(10)
        self.by_key = {m.identity.public: m for m in self.members}
        self.server = federation.serve(terms, prior)
        self.devices = {
            m.identity.public: federation.device(m, np.full(8, 0.1)) for m in self.members
        }
        self.order = sorted(self.devices)
        self.victim = self.devices[self.order[0]]
        self.questions: Answers = dict.fromkeys(self.devices, self.server.invitation)

    def until(self, stage: str) -> "Ambush":
        """Run honest stages until the server is at `stage`, its questions not yet answered."""
        while self.server.stage != stage:
            for answer in self.answers().values():
                self.server.receive(answer)
            self.questions = self.server.close()
        return self

    def answers(self) -> Answers:
        return {k: self.devices[k].receive(q, now=self.now) for k, q in self.questions.items()}

    def ask(self, message: Message | bytes) -> bytes:
        """Put a question to the victim."""
        data = message if isinstance(message, bytes) else encode(message)
        return self.victim.receive(data, now=self.now)

    @property
    def terms_hash(self) -> bytes:
        return hashlib.sha256(encode(self.terms)).digest()

    def commitment(self, device: DeviceRound) -> bytes:
        """Invite a device and return its commitment."""
        answer = device.receive(self.server.invitation, now=self.now)
        return decode(Commitment, decode(Signed, answer).body).commitment

    def entered(self, devices: Iterable[DeviceRound]) -> list[bytes]:
        """Let devices commit and advertise among each other; return their signed adverts."""
        devices = list(devices)
        commitments = [self.commitment(device) for device in devices]
        listed = make_commitments(self.terms_hash, commitments)
        return [device.receive(listed, now=self.now) for device in devices]

    @property
    def question(self) -> bytes:
        return self.questions[self.order[0]]


def refused(
    ambush: Ambush, message: Message | bytes, kind: type[FederatedError], says: str
) -> None:
    stage, ledger = ambush.victim.stage, ambush.federation.ledgers[ambush.order[0]].entries()
    with pytest.raises(kind, match=says):
        ambush.ask(message)
    assert ambush.victim.stage == stage
    assert ambush.federation.ledgers[ambush.order[0]].entries() == ledger


def adverts(ambush: Ambush) -> list[bytes]:
    """The signed adverts of the roster that the victim is about to be asked with."""
    return list(decode(Roster, ambush.question).adverts)


def roster(items: list[bytes]) -> Roster:
    return Roster(tuple(sorted(items, key=lambda raw: decode(Signed, raw).sender)))


def survivors(ambush: Ambush, indices: list[int]) -> Survivors:
    honest = decode(Survivors, ambush.question)
    return dataclasses.replace(honest, bitmap=to_bitmap(indices, size=10))
