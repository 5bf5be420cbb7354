"""
Derives masks that cancel in the sum, and the keys that make them.

Each pair of devices derives one mask from a shared secret: the one with the lower identity key adds
it, the other subtracts it. Each device adds a mask of its own from a seed, which its peers can
rebuild only after the survivors are agreed. Arithmetic is modulo 2^32.

Every key below is bound to the roster and to the identities of those it is for, so that nobody who
copies, guesses or replays a key has a mask that cancels another pair's.

Source: Bonawitz et al. 2017, section 4 (double masking); RFC 5869 (HKDF), RFC 8439 (ChaCha20).
"""

from collections.abc import Iterable

import numpy as np
from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.ciphers import Cipher, algorithms
from cryptography.hazmat.primitives.ciphers.aead import ChaCha20Poly1305
from cryptography.hazmat.primitives.kdf.hkdf import HKDF
from numpy.typing import NDArray

from homeward_federated.secure_aggregation.identity import SigningKey
from homeward_federated.secure_aggregation.round_keys import agree, agreeing

Words = NDArray[np.uint32]

# A key is derived for one purpose, round, direction and use: the nonce never repeats under a key
# because the key never repeats.
_ZERO_NONCE = bytes(12)
_ZERO_BLOCK = bytes(16)


def _derive(secret: bytes, *, info: bytes) -> bytes:
    return HKDF(hashes.SHA256(), 32, None, info).derive(secret)


def parcel_key(secret: bytes, *, roster_hash: bytes, dealer: bytes, holder: bytes) -> bytes:
    """Return the key for shares going from `dealer` to `holder`, in this direction only."""
    return _derive(secret, info=b"homeward parcel 2\0" + roster_hash + dealer + holder)


def seal_parcel(key: bytes, shares: bytes, *, roster_hash: bytes) -> bytes:
    """Encrypt two shares for one holder."""
    return ChaCha20Poly1305(key).encrypt(_ZERO_NONCE, shares, roster_hash)


def open_parcel(key: bytes, parcel: bytes, *, roster_hash: bytes) -> bytes | None:
    """Return the shares in a parcel, or None when it was not made with this key."""
    try:
        return ChaCha20Poly1305(key).decrypt(_ZERO_NONCE, parcel, roster_hash)
    except InvalidTag:
        return None


def self_key(seed: bytes, *, roster_hash: bytes, device: bytes) -> bytes:
    """Return the key of the mask that `device` adds for itself."""
    return _derive(seed, info=b"homeward self mask 2\0" + roster_hash + device)


def pair_key(secret: bytes, *, roster_hash: bytes, pair: tuple[bytes, bytes]) -> bytes:
    """Return the key of the mask of two devices, whichever of them is named first."""
    low, high = sorted(pair)
    return _derive(secret, info=b"homeward pair mask 2\0" + roster_hash + low + high)


def expand(key: bytes, *, size: int) -> Words:
    """
    Return `size` pseudorandom words from a key that is used for nothing else.

    Shapes:
        Returns (size,) uint32.
    """
    stream = Cipher(algorithms.ChaCha20(key, _ZERO_BLOCK), None).encryptor()
    return np.frombuffer(stream.update(bytes(4 * size)), dtype="<u4")


def self_mask(seed: bytes, *, roster_hash: bytes, device: bytes, size: int) -> Words:
    """
    Return the mask that `device` adds for itself.

    Shapes:
        Returns (size,) uint32.
    """
    return expand(self_key(seed, roster_hash=roster_hash, device=device), size=size)


def pair_masks(
    mask: SigningKey,
    device: bytes,
    peers: Iterable[tuple[bytes, bytes]],
    *,
    roster_hash: bytes,
    size: int,
) -> Words:
    """
    Return what `device` adds for all its pairs together.

    `peers` are (identity key, mask key). Of two devices, one's mask for the pair is the negative of
    the other's, modulo 2^32.

    Shapes:
        Returns (size,) uint32.
    """
    total, private = np.zeros(size, np.uint32), agreeing(mask)
    for peer, public in peers:
        secret = agree(private, public)
        words = expand(pair_key(secret, roster_hash=roster_hash, pair=(device, peer)), size=size)
        if device < peer:
            total += words
        else:
            total -= words
    return total
