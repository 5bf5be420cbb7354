"""
Splits a 32-byte secret so that `threshold` holders can rebuild it and fewer learn nothing.

Shamir's scheme over the integers modulo the smallest prime above 2^256. A share's hash is its
commitment: a uniformly random 256-bit value cannot be guessed from its hash, and a holder or
dealer who later shows another value is found out. Shares that all fit their commitments and still
do not rebuild the secret prove that the dealer lied. Knows no devices and no messages.

Source: Shamir 1979; docs/adr/0303-share-verification.md for what was weighed.
"""

import hashlib
import secrets
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import lru_cache

from homeward_federated.wire.messages import SHARE_BYTES

PRIME = 2**256 + 297
SECRET_BYTES = 32


def split(secret: bytes, *, threshold: int, holders: Sequence[int]) -> list[bytes]:
    """
    Return one 33-byte share per holder; holders are distinct positive integers.

    Raises:
        ValueError: the secret is not 32 bytes, or the threshold is not 1 to len(holders).
    """
    if len(secret) != SECRET_BYTES:
        raise ValueError(f"a secret of {len(secret)} bytes, not {SECRET_BYTES}")
    if not 1 <= threshold <= len(holders):
        raise ValueError(f"threshold {threshold} for {len(holders)} holders")
    coefficients = [secrets.randbelow(PRIME) for _ in range(threshold - 1)]
    coefficients.append(int.from_bytes(secret, "big"))
    return [_evaluate(coefficients, holder) for holder in holders]


def _evaluate(coefficients: Sequence[int], at: int) -> bytes:
    value = 0
    for coefficient in coefficients:  # Horner, highest power first
        value = value * at + coefficient
    # Holders have at most 12 bits: one division of a thousand bits costs less than a hundred.
    return (value % PRIME).to_bytes(SHARE_BYTES, "big")


def rebuild(shares: Mapping[int, bytes]) -> bytes | None:
    """
    Return the secret that `shares` (holder to share) determine, or None.

    None means that they cannot be shares of any 32-byte secret. Give exactly `threshold` shares:
    fewer rebuild something else, more must all lie on one polynomial.
    """
    holders = tuple(sorted(shares))
    weights = _lagrange_at_zero(holders)
    values = (int.from_bytes(shares[holder], "big") for holder in holders)
    secret = sum(w * v for w, v in zip(weights, values, strict=True)) % PRIME
    if secret >= 1 << (8 * SECRET_BYTES):
        return None
    return secret.to_bytes(SECRET_BYTES, "big")


# In a complete graph nearly every secret of a round is rebuilt from the same holders.
@lru_cache(maxsize=64)
def _lagrange_at_zero(holders: tuple[int, ...]) -> tuple[int, ...]:
    weights = []
    for i in holders:
        numerator = denominator = 1
        for j in holders:
            if i != j:
                numerator = numerator * j % PRIME
                denominator = denominator * (j - i) % PRIME
        weights.append(numerator * pow(denominator, -1, PRIME) % PRIME)
    return tuple(weights)


@dataclass(frozen=True, slots=True)
class ShareLabel:
    """What a commitment is bound to: whose secret, which one, in which round, for whom."""

    roster_hash: bytes
    dealer: bytes
    holder: bytes
    secret: str  # "seed" or "key"

    def commit(self, share: bytes) -> bytes:
        """Return the commitment to `share` under this label."""
        parts = (b"homeward share 2", self.secret.encode(), self.roster_hash, self.dealer)
        return hashlib.sha256(b"\0".join(parts) + self.holder + share).digest()


def commit_seed(roster_hash: bytes, dealer: bytes, seed: bytes) -> bytes:
    """Return the commitment to a self-mask seed; a mask key's commitment is its public key."""
    return hashlib.sha256(b"homeward seed 2\0" + roster_hash + dealer + seed).digest()
