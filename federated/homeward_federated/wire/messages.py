"""
Defines the twelve messages of a round, two for each stage, and the bounds of their fields.

    stage        server to device        device to server
    invite       Invitation              Commitment
    reveal       Commitments             Advert
    share        Roster                  Shares
    mask         Inbox                   Masked
    agree        Survivors               Agreement
    unmask       Agreements              Unmasking

Every message from a device travels inside `Signed`. Knows sizes and bounds; knows no rules.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import ClassVar

from homeward_federated.wire.fields import Blob, Field, Many, Name, Octets, Real, Whole

# Bounds of the format. What a device accepts is narrower: see policy.
MAX_COHORT = 1024
MAX_PEERS = MAX_COHORT - 1
MAX_NUMBERS = 1 << 15  # coordinates of one masked vector
MAX_PRIOR_BYTES = 1 << 17
MAX_SECONDS = 1 << 40  # unix time, far away

KEY_BYTES = 32
HASH_BYTES = 32
SIGNATURE_BYTES = 64
ROUND_ID_BYTES = 16
# An element of the field of 2^256 + 297 values.
SHARE_BYTES = 33
# Two shares and a Poly1305 tag.
PARCEL_BYTES = 2 * SHARE_BYTES + 16

_KEY, _HASH, _SIGNATURE = Octets(KEY_BYTES), Octets(HASH_BYTES), Octets(SIGNATURE_BYTES)


@dataclass(frozen=True, slots=True)
class Terms:
    """
    What the operator promises, and asks, in one round. A device takes all of it or refuses.

    `noise_multiplier` is z: standard deviation of the noise in the opened sum, over the largest
    L2 norm of one device's integers, counting only the noise of honest survivors when at most the
    share `max_colluders` of a cohort is not honest.
    """

    KIND: ClassVar[int] = 1
    SHAPES: ClassVar[Mapping[str, Field]] = {
        "round_id": Octets(ROUND_ID_BYTES),
        "task": Name(64),
        "code": Name(64),
        "prior_hash": _HASH,
        "dims": Whole(1, 4096),
        "groups": Whole(0, 256),
        "scale": Whole(1, 1 << 24),
        "clip": Real(1e-6, 1e6),
        "noise_multiplier": Real(0.0, 1e3),
        "min_cohort": Whole(1, MAX_COHORT),
        "max_cohort": Whole(1, MAX_COHORT),
        "min_survivors": Whole(1, MAX_COHORT),
        "max_colluders": Real(0.0, 1 / 3),
        "opens_at": Whole(0, MAX_SECONDS),
        "closes_at": Whole(0, MAX_SECONDS),
    }
    round_id: bytes
    task: str
    code: str
    prior_hash: bytes
    dims: int
    groups: int
    scale: int  # quanta per unit
    clip: float  # L2, in units
    noise_multiplier: float
    min_cohort: int
    max_cohort: int
    min_survivors: int
    max_colluders: float  # share of a cohort
    opens_at: int  # unix seconds
    closes_at: int


@dataclass(frozen=True, slots=True)
class Invitation:
    """The operator's signed terms and the prior that they name by hash."""

    KIND: ClassVar[int] = 2
    SHAPES: ClassVar[Mapping[str, Field]] = {
        "terms": Blob(1, 1024),
        "signature": _SIGNATURE,
        "prior": Blob(0, MAX_PRIOR_BYTES),
    }
    terms: bytes
    signature: bytes
    prior: bytes


@dataclass(frozen=True, slots=True)
class Signed:
    """A device's message, its identity key, and its signature over both."""

    KIND: ClassVar[int] = 3
    SHAPES: ClassVar[Mapping[str, Field]] = {
        "sender": _KEY,
        "body": Blob(1, 1 << 18),
        "signature": _SIGNATURE,
    }
    sender: bytes
    body: bytes
    signature: bytes


@dataclass(frozen=True, slots=True)
class Commitment:
    """A device's certificate, and the hash of the keys that it will advertise."""

    KIND: ClassVar[int] = 13
    SHAPES: ClassVar[Mapping[str, Field]] = {
        "terms_hash": _HASH,
        "certificate": _SIGNATURE,
        "commitment": _HASH,
    }
    terms_hash: bytes
    certificate: bytes
    commitment: bytes


@dataclass(frozen=True, slots=True)
class Commitments:
    """Every commitment of the round, ascending: what can be advertised, before anything is."""

    KIND: ClassVar[int] = 14
    SHAPES: ClassVar[Mapping[str, Field]] = {
        "terms_hash": _HASH,
        "items": Many(_HASH, MAX_COHORT),
    }
    terms_hash: bytes
    items: tuple[bytes, ...]


@dataclass(frozen=True, slots=True)
class Advert:
    """A device's certificate and its two keys for this round only, each with its proof."""

    KIND: ClassVar[int] = 4
    SHAPES: ClassVar[Mapping[str, Field]] = {
        "commitments_hash": _HASH,
        "certificate": _SIGNATURE,
        "parcel_key": _KEY,
        "mask_key": _KEY,
        "parcel_proof": _SIGNATURE,
        "mask_proof": _SIGNATURE,
    }
    commitments_hash: bytes
    certificate: bytes
    parcel_key: bytes
    mask_key: bytes
    parcel_proof: bytes
    mask_proof: bytes


# header 5, array 1, sender 34, body of 5 + 1 + 34 + 66 + 34 + 34 + 66 + 66 behind 3, signature 66
ADVERT_BYTES = 415


@dataclass(frozen=True, slots=True)
class Roster:
    """Every signed advert of the round, by ascending identity key."""

    KIND: ClassVar[int] = 5
    SHAPES: ClassVar[Mapping[str, Field]] = {"adverts": Many(Octets(ADVERT_BYTES), MAX_COHORT)}
    adverts: tuple[bytes, ...]


@dataclass(frozen=True, slots=True)
class Shares:
    """One parcel per peer, with commitments by which wrong shares are found out."""

    KIND: ClassVar[int] = 6
    SHAPES: ClassVar[Mapping[str, Field]] = {
        "roster_hash": _HASH,
        "seed_hash": _HASH,
        "parcels": Many(Octets(PARCEL_BYTES), MAX_PEERS),
        "seed_share_hashes": Many(_HASH, MAX_PEERS),
        "key_share_hashes": Many(_HASH, MAX_PEERS),
    }
    roster_hash: bytes
    seed_hash: bytes
    parcels: tuple[bytes, ...]
    seed_share_hashes: tuple[bytes, ...]
    key_share_hashes: tuple[bytes, ...]


@dataclass(frozen=True, slots=True)
class Inbox:
    """What the peers sent this device; an absent parcel is a peer that dropped out."""

    KIND: ClassVar[int] = 7
    SHAPES: ClassVar[Mapping[str, Field]] = {
        "roster_hash": _HASH,
        "parcels": Many(Octets(PARCEL_BYTES, may_be_absent=True), MAX_PEERS),
        "seed_share_hashes": Many(Octets(HASH_BYTES, may_be_absent=True), MAX_PEERS),
        "key_share_hashes": Many(Octets(HASH_BYTES, may_be_absent=True), MAX_PEERS),
    }
    roster_hash: bytes
    parcels: tuple[bytes, ...]
    seed_share_hashes: tuple[bytes, ...]
    key_share_hashes: tuple[bytes, ...]


@dataclass(frozen=True, slots=True)
class Masked:
    """The clipped, noised and masked integers: little-endian uint32."""

    KIND: ClassVar[int] = 8
    SHAPES: ClassVar[Mapping[str, Field]] = {
        "roster_hash": _HASH,
        "values": Blob(4, 4 * MAX_NUMBERS),
    }
    roster_hash: bytes
    values: bytes


@dataclass(frozen=True, slots=True)
class Survivors:
    """Whose masked vectors the server holds: one bit per roster entry, first entry first."""

    KIND: ClassVar[int] = 9
    SHAPES: ClassVar[Mapping[str, Field]] = {
        "roster_hash": _HASH,
        "bitmap": Blob(1, MAX_COHORT // 8),
    }
    roster_hash: bytes
    bitmap: bytes


@dataclass(frozen=True, slots=True)
class Agreement:
    """The same bitmap, signed by a device: it saw this set of survivors and no other."""

    KIND: ClassVar[int] = 10
    SHAPES: ClassVar[Mapping[str, Field]] = Survivors.SHAPES
    roster_hash: bytes
    bitmap: bytes


@dataclass(frozen=True, slots=True)
class Agreements:
    """The signatures of the agreements, by roster entry; absent where none came."""

    KIND: ClassVar[int] = 11
    SHAPES: ClassVar[Mapping[str, Field]] = {
        "roster_hash": _HASH,
        "signatures": Many(Octets(SIGNATURE_BYTES, may_be_absent=True), MAX_COHORT),
    }
    roster_hash: bytes
    signatures: tuple[bytes, ...]


@dataclass(frozen=True, slots=True)
class Unmasking:
    """
    One share per peer: of its seed if it survived, of its mask key if it did not.

    A share that was never received, or never fitted its commitment, is all zeros.
    """

    KIND: ClassVar[int] = 12
    SHAPES: ClassVar[Mapping[str, Field]] = {
        "roster_hash": _HASH,
        "shares": Many(Octets(SHARE_BYTES), MAX_PEERS),
    }
    roster_hash: bytes
    shares: tuple[bytes, ...]
