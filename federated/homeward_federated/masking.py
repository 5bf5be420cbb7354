"""
Masks that cancel in the sum, and the keys that make them.

Each pair of neighbours derives one mask from a shared key: the one with the lower roster index
adds it, the other subtracts it. Each device adds a mask of its own from a seed, which its
neighbours can rebuild only after the survivors are agreed. Arithmetic is modulo 2^32.
"""

from collections.abc import Iterable

import numpy as np
from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric.x25519 import X25519PrivateKey, X25519PublicKey
from cryptography.hazmat.primitives.ciphers import Cipher, algorithms
from cryptography.hazmat.primitives.ciphers.aead import ChaCha20Poly1305
from cryptography.hazmat.primitives.kdf.hkdf import HKDF
from numpy.typing import NDArray

from homeward_federated.errors import ProtocolViolation

Words = NDArray[np.uint32]

# Every key below is derived for one purpose, round, direction and use: the nonce never repeats
# under a key because the key never repeats.
_ZERO_NONCE = bytes(12)
_ZERO_BLOCK = bytes(16)


def agree(private: X25519PrivateKey, public: bytes) -> bytes:
    """
    Return the X25519 shared secret.

    Raises:
        ProtocolViolation: the public key is one whose secret anyone could compute (RFC 7748 §6.1).
    """
    try:
        return private.exchange(X25519PublicKey.from_public_bytes(public))
    except ValueError:
        raise ProtocolViolation("a peer's key is of low order") from None


def _derive(secret: bytes, *, info: bytes) -> bytes:
    return HKDF(hashes.SHA256(), 32, None, info).derive(secret)


def parcel_key(secret: bytes, *, roster_hash: bytes, dealer: bytes, holder: bytes) -> bytes:
    """Return the key for shares going from `dealer` to `holder`, in this direction only."""
    return _derive(secret, info=b"homeward parcel 1\0" + roster_hash + dealer + holder)


def seal_parcel(key: bytes, shares: bytes, *, roster_hash: bytes) -> bytes:
    """Encrypt two shares for one holder."""
    return ChaCha20Poly1305(key).encrypt(_ZERO_NONCE, shares, roster_hash)


def open_parcel(key: bytes, parcel: bytes, *, roster_hash: bytes) -> bytes | None:
    """Return the shares in a parcel, or None when it was not made with this key."""
    try:
        return ChaCha20Poly1305(key).decrypt(_ZERO_NONCE, parcel, roster_hash)
    except InvalidTag:
        return None


def expand(seed: bytes, *, label: bytes, roster_hash: bytes, size: int) -> Words:
    """Return `size` pseudorandom words from a 32-byte seed: HKDF, then ChaCha20."""
    key = _derive(seed, info=b"homeward mask 1\0" + label + roster_hash)
    stream = Cipher(algorithms.ChaCha20(key, _ZERO_BLOCK), None).encryptor()
    return np.frombuffer(stream.update(bytes(4 * size)), dtype="<u4")


def self_mask(seed: bytes, *, roster_hash: bytes, size: int) -> Words:
    """Return the mask that a device adds for itself."""
    return expand(seed, label=b"self", roster_hash=roster_hash, size=size)


def pair_masks(
    private: X25519PrivateKey,
    own_index: int,
    peers: Iterable[tuple[int, bytes]],
    *,
    roster_hash: bytes,
    size: int,
) -> Words:
    """
    Return what a device adds for all its pairs together.

    `peers` are (roster index, mask key). For indices i < j, device i's mask for the pair is the
    negative of device j's, modulo 2^32.
    """
    total = np.zeros(size, np.uint32)
    for index, public in peers:
        mask = expand(agree(private, public), label=b"pair", roster_hash=roster_hash, size=size)
        if own_index < index:
            total += mask
        else:
            total -= mask
    return total
