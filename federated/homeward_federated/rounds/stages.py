"""
These are the server's stages of a round: what each accepts, and what it asks next.

Each is a value with `receive` and `close`; server strings them together.
"""

from collections.abc import Collection
from dataclasses import dataclass, field
from typing import ClassVar, TypeVar

import numpy as np
from numpy.typing import NDArray

from homeward_federated.errors import OutOfOrder, ProtocolViolation, TooFewSurvivors
from homeward_federated.rounds.plausibility import check_plausible
from homeward_federated.rounds.stage_names import ServerStage
from homeward_federated.rounds.unmasking import Collected, open_sum
from homeward_federated.secure_aggregation.identity import check_certificate, check_signed
from homeward_federated.secure_aggregation.masking import Words
from homeward_federated.secure_aggregation.quantizing import from_words
from homeward_federated.secure_aggregation.quorums import quorum
from homeward_federated.secure_aggregation.roster import (
    Cohort,
    CommitmentList,
    make_commitments,
    make_roster,
    place,
    read_commitments,
    to_bitmap,
)
from homeward_federated.secure_aggregation.round_keys import distinct
from homeward_federated.secure_aggregation.vector_layout import VectorLayout
from homeward_federated.wire.envelope import decode, encode
from homeward_federated.wire.messages import (
    Advert,
    Agreement,
    Agreements,
    Commitment,
    Inbox,
    Masked,
    Shares,
    Signed,
    Survivors,
    Terms,
    Unmasking,
)

Questions = dict[bytes, bytes]  # identity key to encoded message
Answer = TypeVar("Answer", Shares, Masked, Agreement, Unmasking)


@dataclass(slots=True)
class Inviting:
    """Collects the devices' commitments to their keys."""

    STAGE: ClassVar = ServerStage.INVITING

    terms: Terms
    authority: bytes
    terms_hash: bytes
    commitments: dict[bytes, bytes] = field(default_factory=dict)  # by identity key
    points: set[int] = field(default_factory=set)  # of the identity keys

    @property
    def answered(self) -> int:
        """How many devices committed to keys."""
        return len(self.commitments)

    def receive(self, data: bytes) -> None:
        """
        Keep the commitment of an enrolled device.

        Raises:
            OutOfOrder: the device committed before, or the cohort is full.
            WrongSigner: it is not signed by its sender, or the sender is not enrolled.
            ProtocolViolation: it is for other terms, or copies another device.
            Malformed: the bytes are not such a message.
        """
        signed = decode(Signed, data)
        message = decode(Commitment, signed.body)
        if signed.sender in self.commitments:
            raise OutOfOrder("this device committed before")
        if self.answered >= self.terms.max_cohort:
            raise OutOfOrder(f"the cohort of {self.terms.max_cohort} is full")
        if message.terms_hash != self.terms_hash:
            raise ProtocolViolation("a commitment for other terms")
        if message.commitment in self.commitments.values():
            raise ProtocolViolation("a copy of another device's commitment")
        device, task = signed.sender, self.terms.task
        check_certificate(self.authority, message.certificate, task=task, device=device)
        check_signed(signed)
        self.points |= distinct((device,), beside=self.points)
        self.commitments[device] = message.commitment

    def close(self) -> tuple["State", Questions]:
        """Fix which keys can be shown, and ask for them."""
        _check_cohort(self.answered, self.terms)
        listed = make_commitments(self.terms_hash, self.commitments.values())
        committed = read_commitments(
            listed, terms_hash=self.terms_hash, authority=self.authority, task=self.terms.task
        )
        devices = frozenset(self.commitments)
        state = Revealing(self.terms, committed, devices, self.points)
        return state, dict.fromkeys(sorted(devices), listed)


@dataclass(slots=True)
class Revealing:
    """Collects the devices' adverts: their keys, with proofs."""

    STAGE: ClassVar = ServerStage.REVEALING

    terms: Terms
    committed: CommitmentList
    devices: frozenset[bytes]
    points: set[int]  # of the identity keys, and of every key that was shown
    adverts: dict[bytes, bytes] = field(default_factory=dict)  # by identity key

    @property
    def answered(self) -> int:
        """How many devices advertised."""
        return len(self.adverts)

    def receive(self, data: bytes) -> None:
        """
        Keep the advert of a device that committed to it, with keys that are like no other's.

        Raises:
            OutOfOrder: this stage does not wait for this device.
            WrongSigner: it is not signed by its sender.
            ProtocolViolation: it is not what the device committed to, or a key is another's.
            Malformed: the bytes are not such a message.
        """
        signed = decode(Signed, data)
        advert = decode(Advert, signed.body)
        if signed.sender not in self.devices or signed.sender in self.adverts:
            raise OutOfOrder("an advert from a device that this stage does not wait for")
        self.committed.check_advert(signed, advert)
        # One bad key would make every device refuse the roster.
        self.points |= distinct((advert.parcel_key, advert.mask_key), beside=self.points)
        self.adverts[signed.sender] = data

    def close(self) -> tuple["State", Questions]:
        """Fix the cohort and send everyone the roster."""
        _check_cohort(self.answered, self.terms)
        roster, cohort = make_roster(self.adverts.values())
        waiting = Waiting(cohort, range(cohort.size))
        return Sharing(self.terms, waiting), dict.fromkeys(cohort.keys, roster)


def _check_cohort(devices: int, terms: Terms) -> None:
    if devices < terms.min_cohort:
        raise TooFewSurvivors(f"{devices} devices, {terms.min_cohort} promised")


class Waiting:
    """Which devices of a cohort a stage waits for, and which have answered."""

    def __init__(self, cohort: Cohort, expected: Collection[int]) -> None:
        self.cohort = cohort
        self.signatures: dict[int, bytes] = {}  # by roster index
        self._places = {cohort.keys[index]: index for index in expected}

    def check(self, kind: type[Answer], data: bytes) -> tuple[int, Answer, bytes]:
        """
        Return who answered, what, and with which signature; `keep` makes it count.

        Raises:
            ProtocolViolation: it is not the one answer of a device that this stage waits for.
        """
        signed = decode(Signed, data)
        index = self._places.get(signed.sender)
        if index is None or index in self.signatures:
            raise OutOfOrder("an answer from a device that this stage does not wait for")
        message = decode(kind, signed.body)
        if message.roster_hash != self.cohort.hash:
            raise OutOfOrder("an answer for another roster")
        check_signed(signed)
        return index, message, signed.signature

    def check_number(self, terms: Terms) -> None:
        """Raise `TooFewSurvivors` unless enough devices answered for the round to go on."""
        least = quorum(size=self.cohort.size, min_survivors=terms.min_survivors)
        if len(self.signatures) < least:
            raise TooFewSurvivors(f"{len(self.signatures)} devices are left, {least} promised")

    def then(self) -> "Waiting":
        """Wait for the next answer of those who gave this one."""
        return Waiting(self.cohort, self.signatures)

    def ask_all(self, question: bytes) -> Questions:
        """Address one question to everyone who answered."""
        return {self.cohort.keys[index]: question for index in sorted(self.signatures)}


@dataclass(slots=True)
class Sharing:
    """Collects the encrypted shares for each device."""

    STAGE: ClassVar = ServerStage.SHARING

    terms: Terms
    waiting: Waiting
    shares: dict[int, Shares] = field(default_factory=dict)

    @property
    def answered(self) -> int:
        """How many devices dealt shares."""
        return len(self.shares)

    def receive(self, data: bytes) -> None:
        """
        Keep a device's parcels, one for each peer.

        Raises:
            ProtocolViolation: it does not hold one parcel for each peer. As `Waiting.check`.
        """
        index, shares, signature = self.waiting.check(Shares, data)
        near = self.waiting.cohort.size - 1
        columns = (shares.parcels, shares.seed_share_hashes, shares.key_share_hashes)
        if any(len(column) != near for column in columns):
            raise ProtocolViolation(f"parcels that are not for {near} peers")
        self.waiting.signatures[index] = signature
        self.shares[index] = shares

    def close(self) -> tuple["State", Questions]:
        """Hand each device what its peers dealt to it."""
        self.waiting.check_number(self.terms)
        cohort = self.waiting.cohort
        inboxes = {cohort.keys[index]: self._inbox(index) for index in sorted(self.shares)}
        return Masking(self.terms, self.waiting.then(), self.shares), inboxes

    def _inbox(self, holder: int) -> bytes:
        cohort = self.waiting.cohort
        items = [(b"", b"", b"")] * (cohort.size - 1)
        for slot, dealer in enumerate(cohort.peers(holder)):
            if dealer in self.shares:
                dealt, at = self.shares[dealer], place(holder, among=dealer)
                items[slot] = (
                    dealt.parcels[at],
                    dealt.seed_share_hashes[at],
                    dealt.key_share_hashes[at],
                )
        parcels, seed_hashes, key_hashes = zip(*items, strict=True)
        return encode(Inbox(cohort.hash, parcels, seed_hashes, key_hashes))


@dataclass(slots=True)
class Masking:
    """Collects the masked vectors."""

    STAGE: ClassVar = ServerStage.MASKING

    terms: Terms
    waiting: Waiting
    shares: dict[int, Shares]
    masked: dict[int, Words] = field(default_factory=dict)

    @property
    def answered(self) -> int:
        """How many devices sent a masked vector."""
        return len(self.masked)

    def receive(self, data: bytes) -> None:
        """
        Keep a masked vector.

        Raises:
            ProtocolViolation: the vector has another size than the terms say. As `Waiting.check`.
        """
        index, masked, signature = self.waiting.check(Masked, data)
        size = VectorLayout(self.terms.dims, self.terms.groups).size
        if len(masked.values) != 4 * size:
            raise ProtocolViolation(f"{len(masked.values)} bytes of masked values, not {4 * size}")
        self.waiting.signatures[index] = signature
        self.masked[index] = np.frombuffer(masked.values, "<u4")

    def close(self) -> tuple["State", Questions]:
        """Fix the survivors and ask them to agree on the set."""
        self.waiting.check_number(self.terms)
        cohort = self.waiting.cohort
        survivors = Survivors(cohort.hash, to_bitmap(self.masked, size=cohort.size))
        state = Agreeing(
            self.terms, self.waiting.then(), self.shares, self.masked, survivors.bitmap
        )
        return state, self.waiting.ask_all(encode(survivors))


@dataclass(slots=True)
class Agreeing:
    """Collects signatures under the set of survivors."""

    STAGE: ClassVar = ServerStage.AGREEING

    terms: Terms
    waiting: Waiting
    shares: dict[int, Shares]
    masked: dict[int, Words]
    bitmap: bytes

    @property
    def answered(self) -> int:
        """How many devices signed."""
        return len(self.waiting.signatures)

    def receive(self, data: bytes) -> None:
        """
        Keep a signature under the survivors that the server sent.

        Raises:
            ProtocolViolation: it is about other survivors. As `Waiting.check`.
        """
        index, agreement, signature = self.waiting.check(Agreement, data)
        if agreement.bitmap != self.bitmap:
            raise ProtocolViolation("an agreement about other survivors")
        self.waiting.signatures[index] = signature

    def close(self) -> tuple["State", Questions]:
        """Show every signature to everyone, and ask for the shares."""
        self.waiting.check_number(self.terms)
        cohort, signatures = self.waiting.cohort, self.waiting.signatures
        column = tuple(signatures.get(index, b"") for index in range(cohort.size))
        question = encode(Agreements(cohort.hash, column))
        state = Opening(self.terms, self.waiting.then(), self.shares, self.masked)
        return state, self.waiting.ask_all(question)


@dataclass(slots=True)
class Opening:
    """Collects the shares that open the sum."""

    STAGE: ClassVar = ServerStage.OPENING

    terms: Terms
    waiting: Waiting
    shares: dict[int, Shares]
    masked: dict[int, Words]
    unmasking: dict[int, tuple[bytes, ...]] = field(default_factory=dict)

    @property
    def answered(self) -> int:
        """How many devices gave their shares."""
        return len(self.unmasking)

    def receive(self, data: bytes) -> None:
        """
        Keep a device's shares, one for each peer.

        Raises:
            ProtocolViolation: it does not hold one share for each peer. As `Waiting.check`.
        """
        index, unmasking, signature = self.waiting.check(Unmasking, data)
        near = self.waiting.cohort.size - 1
        if len(unmasking.shares) != near:
            raise ProtocolViolation(f"{len(unmasking.shares)} shares for {near} peers")
        self.waiting.signatures[index] = signature
        self.unmasking[index] = unmasking.shares

    def close(self) -> tuple["State", Questions]:
        """Open the sum; nothing else can be opened with these shares."""
        cohort = self.waiting.cohort
        total = open_sum(Collected(cohort, self.shares, self.masked, self.unmasking))
        quanta = from_words(total)
        check_plausible(quanta, self.terms, survivors=len(self.masked))
        return Finished(self.terms, quanta), {}


@dataclass(frozen=True, slots=True, eq=False)
class Finished:
    """
    The sum is open; everything else is gone.

    Shapes:
        quanta: (n,) int64, the noisy sum.
    """

    STAGE: ClassVar = ServerStage.FINISHED

    terms: Terms
    quanta: NDArray[np.int64]
    answered: int = 0

    def receive(self, data: bytes) -> None:  # noqa: ARG002
        """Refuse everything with OutOfOrder."""
        raise OutOfOrder("the round is over")

    def close(self) -> tuple["State", Questions]:
        """Refuse with OutOfOrder: there is no next stage."""
        raise OutOfOrder("the round is over")


State = Inviting | Revealing | Sharing | Masking | Agreeing | Opening | Finished
