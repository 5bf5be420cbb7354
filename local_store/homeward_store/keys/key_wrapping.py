"""Encrypts one key under another, so that a key can lie on the disk."""

import os

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM

from homeward_store.errors import WrongSecret
from homeward_store.keys.key_derivation import KEY_BYTES
from homeward_store.secret import Secret

NONCE_BYTES = 12  # AES-GCM's native length: other lengths are hashed first
TAG_BYTES = 16
WRAPPED_KEY_BYTES = NONCE_BYTES + KEY_BYTES + TAG_BYTES


def wrap(key: Secret, payload: Secret, *, context: bytes) -> bytes:
    """
    Encrypt one key under another: nonce ‖ ciphertext ‖ tag.

    `context` is authenticated but not stored, so that a wrapped key that someone moved to another
    slot, profile or epoch no longer opens.

    Source:
        NIST SP 800-38D (AES-256-GCM), with a random nonce of 96 bits.
    """
    nonce = os.urandom(NONCE_BYTES)
    return nonce + AESGCM(key.expose()).encrypt(nonce, payload.expose(), context)


def unwrap(key: Secret, wrapped: bytes, *, context: bytes) -> Secret:
    """
    Reverse `wrap`, into memory that can be wiped.

    Raises:
        WrongSecret: `key`, `wrapped` and `context` do not belong together.
    """
    payload = bytearray(max(0, len(wrapped) - NONCE_BYTES - TAG_BYTES))
    try:
        AESGCM(key.expose()).decrypt_into(
            wrapped[:NONCE_BYTES], wrapped[NONCE_BYTES:], context, payload
        )
    except (InvalidTag, ValueError):  # ValueError: too short to hold a nonce or a tag
        raise WrongSecret("a wrapped key does not open") from None
    return Secret(payload)
