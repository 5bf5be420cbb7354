"""
The roster lists who takes part in a round and with which keys; every entry is checked.

Both sides build it from the same bytes by the same rules, so that its hash stands for all of it.
What may be in it was fixed before anyone showed a key: a list of commitments, which each advert
names and opens.
"""

import hashlib
from collections.abc import Collection, Iterable
from dataclasses import dataclass, field
from itertools import pairwise

from homeward_federated.errors import ProtocolViolation
from homeward_federated.secure_aggregation.identity import check_certificate, check_signed
from homeward_federated.secure_aggregation.quorums import two_thirds
from homeward_federated.secure_aggregation.round_keys import Role, check_possession, distinct
from homeward_federated.wire.envelope import decode, encode
from homeward_federated.wire.messages import Advert, Commitments, Roster, Signed


@dataclass(frozen=True, slots=True)
class Cohort:
    """The devices of a round, by ascending identity key. Each is every other one's peer."""

    hash: bytes
    keys: tuple[bytes, ...]
    adverts: tuple[Advert, ...]

    @property
    def size(self) -> int:
        """The number of devices."""
        return len(self.keys)

    @property
    def threshold(self) -> int:
        """How many of a device's peers can rebuild its secrets."""
        return two_thirds(self.size - 1)

    def peers(self, index: int) -> tuple[int, ...]:
        """Return the indices of all devices but one, ascending."""
        return (*range(index), *range(index + 1, self.size))


def place(peer: int, *, among: int) -> int:
    """Return where `peer` stands among the peers of the device at index `among`."""
    return peer - (peer > among)


@dataclass(frozen=True, slots=True)
class CommitmentList:
    """The commitments of a round, and what its adverts are checked against."""

    terms_hash: bytes
    items: frozenset[bytes]
    hash: bytes
    authority: bytes = field(repr=False)
    task: str

    def check_advert(self, signed: Signed, advert: Advert) -> None:
        """
        Accept silently what an enrolled device committed to, and holds.

        Raises:
            WrongSigner: the device is not enrolled, or did not sign its advert or its proofs.
            ProtocolViolation: the advert names other commitments, or opens none of these.
        """
        self.check_opens(signed.sender, advert)
        device = signed.sender
        check_certificate(self.authority, advert.certificate, task=self.task, device=device)
        check_signed(signed)
        for role, key, proof in (
            (Role.PARCEL, advert.parcel_key, advert.parcel_proof),
            (Role.MASK, advert.mask_key, advert.mask_proof),
        ):
            check_possession(key, proof, role, device=device, commitments=self.hash)

    def check_opens(self, device: bytes, advert: Advert) -> None:
        """Raise `ProtocolViolation` unless the advert was committed to in this round."""
        if advert.commitments_hash != self.hash:
            raise ProtocolViolation("a peer advertised for other terms or commitments")
        keys = (advert.parcel_key, advert.mask_key)
        if commit(self.terms_hash, device, *keys) not in self.items:
            raise ProtocolViolation("a peer advertised keys that it had not committed to")


def commit(terms_hash: bytes, device: bytes, parcel_key: bytes, mask_key: bytes) -> bytes:
    """Return a device's commitment to its keys; new keys cannot be guessed from it."""
    parts = terms_hash + device + parcel_key + mask_key
    return hashlib.sha256(b"homeward commitment 2\0" + parts).digest()


def make_commitments(terms_hash: bytes, items: Iterable[bytes]) -> bytes:
    """Return the encoded list of commitments."""
    return encode(Commitments(terms_hash, tuple(sorted(items))))


def read_commitments(
    data: bytes, *, terms_hash: bytes, authority: bytes, task: str
) -> CommitmentList:
    """
    Return the commitments of a round.

    Raises:
        ProtocolViolation: they are for other terms, doubled or out of order.
    """
    message = decode(Commitments, data)
    if message.terms_hash != terms_hash:
        raise ProtocolViolation("commitments to other terms")
    if any(left >= right for left, right in pairwise(message.items)):
        raise ProtocolViolation("the commitments name one twice or are not sorted")
    digest = hashlib.sha256(b"homeward commitments 2\0" + data).digest()
    return CommitmentList(terms_hash, frozenset(message.items), digest, authority, task)


def read_roster(data: bytes, committed: CommitmentList, *, known: Collection[bytes] = ()) -> Cohort:
    """
    Check every advert of a roster and return the cohort.

    `known` holds signed adverts that need no second check of their signatures: a device's own.

    Raises:
        ProtocolViolation: an advert is not signed, not enrolled, not committed to, doubled or out
            of order, or holds a key that is not sound, not held, or not its own.
    """
    roster = decode(Roster, data)
    signed = [decode(Signed, item) for item in roster.adverts]
    keys = tuple(item.sender for item in signed)
    if any(left >= right for left, right in pairwise(keys)):
        raise ProtocolViolation("the roster names a device twice or is not sorted")
    adverts = tuple(decode(Advert, item.body) for item in signed)
    for item, advert in zip(signed, adverts, strict=True):
        committed.check_opens(item.sender, advert)
    distinct([*keys, *_round_keys(adverts)])
    for raw, item, advert in zip(roster.adverts, signed, adverts, strict=True):
        if raw not in known:
            committed.check_advert(item, advert)
    return _cohort(data, keys, adverts)


def _round_keys(adverts: Iterable[Advert]) -> list[bytes]:
    return [key for advert in adverts for key in (advert.parcel_key, advert.mask_key)]


def make_roster(signed_adverts: Iterable[bytes]) -> tuple[bytes, Cohort]:
    """Return the encoded roster of adverts that were each checked on arrival, and its cohort."""
    items = sorted((decode(Signed, raw).sender, raw) for raw in signed_adverts)
    data = encode(Roster(tuple(raw for _, raw in items)))
    adverts = tuple(decode(Advert, decode(Signed, raw).body) for _, raw in items)
    return data, _cohort(data, tuple(key for key, _ in items), adverts)


def _cohort(data: bytes, keys: tuple[bytes, ...], adverts: tuple[Advert, ...]) -> Cohort:
    return Cohort(hashlib.sha256(b"homeward roster 2\0" + data).digest(), keys, adverts)


def to_bitmap(indices: Iterable[int], *, size: int) -> bytes:
    """Return one bit per roster entry, lowest bit of the first byte first."""
    bits = sum(1 << index for index in set(indices))
    return bits.to_bytes((size + 7) // 8, "little")


def from_bitmap(bitmap: bytes, *, size: int) -> frozenset[int]:
    """
    Return the indices whose bits are set.

    Raises:
        ProtocolViolation: the bitmap is not as long as the roster, or has bits beyond it.
    """
    bits = int.from_bytes(bitmap, "little")
    if len(bitmap) != (size + 7) // 8 or bits >> size:
        raise ProtocolViolation(f"a bitmap of {len(bitmap)} bytes for {size} devices")
    return frozenset(index for index in range(size) if bits >> index & 1)
