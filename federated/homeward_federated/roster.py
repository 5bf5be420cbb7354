"""
The checked roster of a round: who takes part, with which keys, next to whom.

Both sides build it from the same bytes by the same rules, so that its hash stands for all of it.
"""

import hashlib
from collections.abc import Iterable
from dataclasses import dataclass
from itertools import pairwise

from homeward_federated.envelope import decode, encode
from homeward_federated.errors import ProtocolViolation
from homeward_federated.identity import check_certificate, check_signed
from homeward_federated.messages import Advert, Roster, Signed
from homeward_federated.neighbours import neighbours, two_thirds


@dataclass(frozen=True, slots=True)
class Cohort:
    """The devices of a round, by ascending identity key."""

    hash: bytes
    keys: tuple[bytes, ...]
    adverts: tuple[Advert, ...]
    neighbours: tuple[tuple[int, ...], ...]

    @property
    def size(self) -> int:
        """The number of devices."""
        return len(self.keys)

    def threshold(self, index: int) -> int:
        """Return how many neighbours of a device can rebuild its secrets."""
        return two_thirds(len(self.neighbours[index]))


def read_roster(
    data: bytes, *, authority: bytes, task: str, terms_hash: bytes, known: frozenset[bytes]
) -> Cohort:
    """
    Check every advert of a roster and return the cohort.

    `known` holds the hashes of signed adverts that need no second check: a device's own.

    Raises:
        ProtocolViolation: an advert is not signed, not enrolled, for other terms, doubled or out
            of order.
    """
    roster = decode(Roster, data)
    signed = [decode(Signed, item) for item in roster.adverts]
    keys = tuple(item.sender for item in signed)
    if any(left >= right for left, right in pairwise(keys)):
        raise ProtocolViolation("the roster names a device twice or is not sorted")
    adverts = tuple(decode(Advert, item.body) for item in signed)
    if any(advert.terms_hash != terms_hash for advert in adverts):
        raise ProtocolViolation("a peer advertised for other terms")
    for raw, item, advert in zip(roster.adverts, signed, adverts, strict=True):
        if hashlib.sha256(raw).digest() not in known:
            check_advert(item, advert, authority=authority, task=task)
    return _cohort(data, keys, adverts)


def check_advert(signed: Signed, advert: Advert, *, authority: bytes, task: str) -> None:
    """Raise `WrongSigner` unless an enrolled device signed its advert."""
    check_certificate(authority, advert.certificate, task=task, device=signed.sender)
    check_signed(signed)


def make_roster(signed_adverts: Iterable[bytes]) -> tuple[bytes, Cohort]:
    """Return the encoded roster of adverts that were each checked on arrival, and its cohort."""
    items = sorted((decode(Signed, raw).sender, raw) for raw in signed_adverts)
    data = encode(Roster(tuple(raw for _, raw in items)))
    adverts = tuple(decode(Advert, decode(Signed, raw).body) for _, raw in items)
    return data, _cohort(data, tuple(key for key, _ in items), adverts)


def _cohort(data: bytes, keys: tuple[bytes, ...], adverts: tuple[Advert, ...]) -> Cohort:
    digest = hashlib.sha256(b"homeward roster 1\0" + data).digest()
    return Cohort(digest, keys, adverts, tuple(neighbours(len(keys), seed=digest)))


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


def quorum(*, size: int, min_survivors: int) -> int:
    """Return how many devices must stay, and sign that they did, before anything is unmasked."""
    return max(two_thirds(size), min_survivors)
