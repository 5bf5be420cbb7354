"""
Sends mutated messages to a real device and server, which must only ever refuse them.

For tests and benchmarks: a message that nobody honest made either is refused with a
`ProtocolViolation` (or another `FederatedError`), leaving the receiver as it was, or it is one that
the protocol allows. Anything else is a finding.
"""

import copy
import random
from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace
from functools import partial
from typing import cast

import numpy as np

from homeward_federated.enrolment.enrolment import Certificate, Request, admit
from homeward_federated.enrolment.offer import Offer
from homeward_federated.errors import FederatedError
from homeward_federated.priors.published_prior import PublishedPrior
from homeward_federated.priors.publishing import publish, read_publication
from homeward_federated.privacy.budget import Allowance, MemoryLedger
from homeward_federated.rounds.contributing import Agreed, Dealt, Sent
from homeward_federated.rounds.device import DeviceRound
from homeward_federated.rounds.entering import Advertised, Committed, Invited
from homeward_federated.rounds.server import ServerRound
from homeward_federated.secure_aggregation.identity import SigningKey
from homeward_federated.simulation.cohorts import LocalFederation, small_policy

# Bytes that msgpack and bounds checks treat specially, and both ends of the range.
_EDGES = (0x00, 0x01, 0x7F, 0x80, 0x90, 0xC0, 0xC1, 0xC4, 0xCB, 0xD9, 0xDC, 0xDF, 0xFF)


@dataclass(frozen=True, slots=True)
class Target:
    """A receiver waiting for one kind of message, and a good one of that kind."""

    name: str
    good: bytes
    receive: Callable[[bytes], object]
    snapshot: Callable[[], object]
    restore: Callable[[], None]


@dataclass(frozen=True, slots=True)
class Tally:
    """Counts the outcomes of the mutated messages of one kind."""

    tried: int
    refused: int
    allowed: int


def fuzz(target: Target, *, count: int, seed: int) -> Tally:
    """
    Send `count` mutated messages.

    Raises:
        AssertionError: a refusal changed the receiver.
        Exception: whatever else than a `FederatedError` a message caused.
    """
    refused = 0
    for data in mutations(target.good, count=count, seed=seed):
        before = target.snapshot()
        try:
            target.receive(data)
        except FederatedError:
            refused += 1
            if target.snapshot() != before:
                raise AssertionError(f"a refused {target.name} changed its receiver") from None
        else:
            target.restore()
    return Tally(count, refused, count - refused)


def mutations(good: bytes, *, count: int, seed: int) -> Iterator[bytes]:
    """Yield byte strings near `good`; the same for the same seed."""
    rng = random.Random(seed)  # noqa: S311  # mutations need repeating, not secrecy
    for _ in range(count):
        data = bytearray(good)
        for _ in range(rng.choice((1, 1, 1, 2, 4, 16))):
            rng.choice(_MUTATORS)(data, rng)
        yield bytes(data)


def _flip(data: bytearray, rng: random.Random) -> None:
    if data:
        data[rng.randrange(len(data))] ^= 1 << rng.randrange(8)


def _overwrite(data: bytearray, rng: random.Random) -> None:
    if data:
        # Headers and field lengths lie at the front: half of all changes go there.
        reach = len(data) if rng.random() < 0.5 else min(64, len(data))
        data[rng.randrange(reach)] = rng.choice(_EDGES)


def _cut(data: bytearray, rng: random.Random) -> None:
    del data[rng.randrange(len(data) + 1) :]


def _remove(data: bytearray, rng: random.Random) -> None:
    start = rng.randrange(len(data) + 1)
    del data[start : start + rng.randrange(1, 40)]


def _repeat(data: bytearray, rng: random.Random) -> None:
    start = rng.randrange(len(data) + 1)
    data[start:start] = data[start : start + rng.randrange(1, 400)]


def _insert(data: bytearray, rng: random.Random) -> None:
    start = rng.randrange(len(data) + 1)
    data[start:start] = rng.randbytes(rng.randrange(1, 40))


_MUTATORS = (_flip, _flip, _overwrite, _overwrite, _cut, _remove, _repeat, _insert)


def targets(*, now: int) -> list[Target]:
    """Return every kind of message of a round, each before a receiver that waits for it."""
    federation = LocalFederation(small_policy())
    prior = PublishedPrior.blank("rehearsal", dims=8, groups=2)
    server = federation.serve(federation.terms(prior, now=now), prior)
    members = federation.enrol(10)
    devices = {m.identity.public: federation.device(m, np.zeros(8)) for m in members}
    watched = members[0].identity.public
    questions = dict.fromkeys(devices, server.invitation)
    found = []
    while questions:
        found.append(_device_target(devices[watched], questions[watched], now=now))
        answers = {key: devices[key].receive(asked, now=now) for key, asked in questions.items()}
        found.append(_server_target(server, answers[watched]))
        for answer in answers.values():
            server.receive(answer)
        questions = server.close()
    return found


def file_targets() -> list[Target]:
    """Return every kind of file that a device is given, each before its reader."""
    operator, authority = SigningKey.generate(), SigningKey.generate()
    request = Request("rehearsal", SigningKey.generate().public, "ecdsa-sha2-nistp384 AAAA")
    offer = Offer(
        "A sentence.",
        "an operator",
        "an authority",
        small_policy(),
        Allowance(),
        operator.public,
        authority.public,
        "localhost:1",
        "a certificate",
    )
    published = publish(operator, PublishedPrior.blank("rehearsal", dims=8, groups=2))
    readers: dict[str, tuple[bytes, Callable[[bytes], object]]] = {
        "offer": (offer.encode(), Offer.decode),
        "request": (request.encode(), Request.decode),
        "certificate": (admit(authority, request).encode(), Certificate.decode),
        "publication": (published, partial(read_publication, operator.public)),
    }
    return [
        Target(f"file, {name}", good, read, snapshot=lambda: None, restore=lambda: None)
        for name, (good, read) in readers.items()
    ]


def _device_target(device: DeviceRound, good: bytes, *, now: int) -> Target:
    """A device in the same state as `device`, with a ledger of its own."""
    ledger = MemoryLedger()
    state = device._state  # noqa: SLF001
    if isinstance(state, Invited):
        state = replace(state, ledger=ledger)
    else:
        state = cast(
            "Committed | Advertised | Dealt | Sent | Agreed", state
        )  # a round that is over asks nothing
        state = replace(state, round=replace(state.round, ledger=ledger))
        ledger.append(state.round.entry, check=lambda _: None)
    twin = copy.copy(device)
    kept = ledger.entries()

    def restore() -> None:
        twin._state = state  # noqa: SLF001
        ledger.forget_after(len(kept))

    restore()
    return Target(
        name=f"question to {device.stage}",
        good=good,
        receive=lambda data: twin.receive(data, now=now),
        snapshot=lambda: (twin._state, ledger.entries()),  # noqa: SLF001
        restore=restore,
    )


def _server_target(server: ServerRound, good: bytes) -> Target:
    """A server in the same state as `server`."""
    twin = copy.copy(server)
    # The real server goes on to change its own.
    state = copy.deepcopy(server._state)  # noqa: SLF001

    def restore() -> None:
        twin._state = copy.deepcopy(state)  # noqa: SLF001

    restore()
    return Target(
        name=f"answer to {server.stage}",
        good=good,
        receive=twin.receive,
        snapshot=lambda: (twin.stage, twin.answered),
        restore=restore,
    )
