"""
Encrypts long secrets as a stream of sealed chunks.

    header ‖ chunk₀ ‖ chunk₁ ‖ … ‖ chunkₙ      chunk = AES-256-GCM(plaintext) with its 16-byte tag

Every chunk but the last holds exactly 1 MiB. The nonce is the chunk's number and a flag for the
last one, so chunks cannot be reordered, dropped, repeated or cut off unseen; the header is
authenticated with each. A key seals one stream only, which is what makes counted nonces safe.

Source:
    Hoang, Reyhanitabar, Rogaway, Vizár 2015, STREAM (eprint 2015/189), as used by age-encryption.
"""

from collections.abc import Callable, Iterable, Iterator

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM

from homeward_store.errors import SealedFileCorrupt
from homeward_store.keys.key_wrapping import TAG_BYTES

CHUNK_BYTES = 1024 * 1024


def seal(key: bytes | bytearray, plaintext: Iterable[bytes], *, header: bytes) -> Iterator[bytes]:
    """Yield the header, then the sealed chunks. `key` must never seal another stream."""
    cipher = AESGCM(key)
    yield header
    number = 0
    waiting: bytes | None = None  # only what comes after a chunk tells whether it is the last
    for chunk in rechunked(plaintext):
        if waiting is not None:
            yield cipher.encrypt(_nonce(number, last=False), waiting, header)
            number += 1
        waiting = chunk
    yield cipher.encrypt(_nonce(number, last=True), waiting or b"", header)


def unseal(
    key: bytes | bytearray, read: Callable[[int], bytes], *, header: bytes
) -> Iterator[bytes]:
    """
    Yield the plaintext of what follows the header. Each piece is authentic when it is yielded.

    Raises:
        SealedFileCorrupt: the key is another, or the stream was changed, cut or added to. Only
            when this iterator ends is it certain that the plaintext is whole.
    """
    cipher = AESGCM(key)
    number = 0
    sealed = read(CHUNK_BYTES + TAG_BYTES)
    while True:
        following = read(CHUNK_BYTES + TAG_BYTES) if len(sealed) == CHUNK_BYTES + TAG_BYTES else b""
        last = not following
        try:
            chunk = cipher.decrypt(_nonce(number, last=last), sealed, header)
        except (InvalidTag, ValueError):  # ValueError: shorter than a tag
            raise SealedFileCorrupt(f"sealed chunk {number} does not open") from None
        if last and number and not chunk:
            raise SealedFileCorrupt("an empty chunk was added")
        yield chunk
        if last:
            return
        sealed, number = following, number + 1


def _nonce(number: int, *, last: bool) -> bytes:
    return number.to_bytes(11, "big") + bytes([last])


def seal_chunk(key: bytes | bytearray, number: int, chunk: bytes) -> bytes:
    """Seal one stretch by itself, to be opened in any order; each number once with a key."""
    return AESGCM(key).encrypt(_nonce(number, last=False), chunk, None)


def open_chunk(key: bytes | bytearray, number: int, sealed: bytes) -> bytes:
    """
    Open what `seal_chunk` sealed under this number.

    Raises:
        SealedFileCorrupt: it was changed, or the key is another.
    """
    try:
        return AESGCM(key).decrypt(_nonce(number, last=False), sealed, None)
    except (InvalidTag, ValueError):  # ValueError: shorter than a tag
        raise SealedFileCorrupt(f"sealed chunk {number} does not open") from None


def rechunked(pieces: Iterable[bytes]) -> Iterator[bytes]:
    """Yield the same bytes in stretches of 1 MiB; the last one is shorter, if it is there."""
    buffer = bytearray()
    for piece in pieces:
        buffer += piece
        while len(buffer) >= CHUNK_BYTES:
            yield bytes(buffer[:CHUNK_BYTES])
            del buffer[:CHUNK_BYTES]
    if buffer:
        yield bytes(buffer)
