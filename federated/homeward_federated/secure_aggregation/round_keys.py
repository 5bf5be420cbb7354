"""
Each key of a round both signs, to prove possession, and agrees on secrets.

A round key is advertised as an Ed25519 key, and its secrets are agreed on with the same scalar in
X25519's form, over the map between the two curves. So whoever advertises a key proves by an
ordinary signature, which anyone can check, that it is theirs: a copy of somebody else's has no
proof. Knows roles and bytes; knows no rounds.

Source: RFC 7748 §4.1 (the map), RFC 8032 §5.1.5 (scalar and encoding); Thormarker 2021, eprint
2021/509 (one key pair for Ed25519 and a key agreement hashed for its purpose).
"""

import hashlib
from collections.abc import Iterable, Set as AbstractSet
from enum import StrEnum

from cryptography.hazmat.primitives.asymmetric.x25519 import X25519PrivateKey, X25519PublicKey

from homeward_federated.errors import ProtocolViolation
from homeward_federated.secure_aggregation.identity import SigningKey, verify

_POSSESSION = b"homeward round key 2\0"
_PRIME = 2**255 - 19
_SIGN = 1 << 255
# The y of every point of order 1, 2, 4 and 8: of the last, one; the other is its negative.
_ORDER_8 = 0x7A03AC9277FDC74EC6CC392CFA53202A0F67100D760B3CBA4FD84D3D706A17C7
_LOW_ORDER = {0, 1, _PRIME - 1, _ORDER_8, _PRIME - _ORDER_8}


class Role(StrEnum):
    """What a round key is for; a proof for one role is none for the other."""

    PARCEL = "parcel"  # shares on their way to a peer
    MASK = "mask"  # the masks of pairs


def prove_possession(key: SigningKey, role: Role, *, device: bytes, commitments: bytes) -> bytes:
    """Return the proof that `device` holds `key` in the round whose commitments have this hash."""
    return key.sign(_POSSESSION, _statement(role, device, commitments))


def check_possession(
    public: bytes, proof: bytes, role: Role, *, device: bytes, commitments: bytes
) -> None:
    """Raise `WrongSigner` unless whoever made `proof` holds the secret of `public`."""
    data = _statement(role, device, commitments)
    verify(public, proof, prefix=_POSSESSION, data=data, what=f"possession of a {role} key")


def _statement(role: Role, device: bytes, commitments: bytes) -> bytes:
    return role.encode() + b"\0" + device + commitments


def distinct(keys: Iterable[bytes], *, beside: AbstractSet[int] = frozenset()) -> set[int]:
    """
    Return where `keys` lie on the curve, if each is sound and like no other, nor one in `beside`.

    Raises:
        ProtocolViolation: two keys agree on the same secrets, or one is no sound key.
    """
    seen: set[int] = set()
    for key in keys:
        y = _ordinate(key)
        if y in seen or y in beside:
            raise ProtocolViolation("one key is used twice: by two devices, or in two roles")
        seen.add(y)
    return seen


def _ordinate(public: bytes) -> int:
    """Return y; two points share it, which agree on the same secrets."""
    y = int.from_bytes(public, "little") & ~_SIGN
    if y >= _PRIME:
        raise ProtocolViolation("a key that is not in its canonical encoding")
    if y in _LOW_ORDER:
        raise ProtocolViolation("a key of low order: anyone can compute its secrets")
    return y


def agreeing(key: SigningKey) -> X25519PrivateKey:
    """Return the X25519 form of a round key's secret."""
    return X25519PrivateKey.from_private_bytes(hashlib.sha512(key.expose()).digest()[:32])


def agree(private: X25519PrivateKey, public: bytes) -> bytes:
    """
    Return the secret that `private` shares with the holder of the round key `public`.

    Raises:
        ProtocolViolation: `public` is no sound key.
    """
    y = _ordinate(public)
    u = (1 + y) * pow(1 - y, -1, _PRIME) % _PRIME
    return private.exchange(X25519PublicKey.from_public_bytes(u.to_bytes(32, "little")))
