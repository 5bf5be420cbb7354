"""
Reads a database's pages without SQLite.

    page 1:  salt (16) ‖ ciphertext ‖ IV (16) ‖ HMAC-SHA512 (64)        others: without the salt

The HMAC is not checked: these bytes are for diagnosis, and for proving that something is gone.
"""

from collections.abc import Iterator
from pathlib import Path

from cryptography.hazmat.primitives.ciphers import Cipher
from cryptography.hazmat.primitives.ciphers.algorithms import AES
from cryptography.hazmat.primitives.ciphers.modes import CBC

from homeward_store.database.engine import PAGE_BYTES
from homeward_store.secret import Secret

_SALT_BYTES = 16  # stands where the magic would
_IV_BYTES = 16
_RESERVED_BYTES = 80  # IV and HMAC at the end of each page
_PAGE_COUNT_AT = 28  # SQLite file format §1.3: size of the database in pages, 4 bytes
_WAL_HEADER_BYTES = 32  # §4.1
_FRAME_HEADER_BYTES = 24


def count(path: Path, key: Secret) -> int:
    """How many pages the first page says that there are."""
    with path.open("rb") as file:
        first = decrypt(file.read(PAGE_BYTES), key, skip=_SALT_BYTES)
    at = _PAGE_COUNT_AT - _SALT_BYTES
    return int.from_bytes(first[at : at + 4], "big")


def of_database(path: Path, key: Secret) -> Iterator[bytes]:
    """The decrypted content of every page of the main file."""
    with path.open("rb") as file:
        skip = _SALT_BYTES
        while page := file.read(PAGE_BYTES):
            yield decrypt(page, key, skip=skip)
            skip = 0


def of_log(path: Path, key: Secret) -> Iterator[bytes]:
    """The decrypted content of every frame of the write-ahead log, stale ones included."""
    with path.open("rb") as file:
        file.read(_WAL_HEADER_BYTES)
        while header := file.read(_FRAME_HEADER_BYTES):
            number = int.from_bytes(header[:4], "big")
            yield decrypt(file.read(PAGE_BYTES), key, skip=_SALT_BYTES if number == 1 else 0)


def decrypt(page: bytes, key: Secret, *, skip: int) -> bytes:
    """One page's content, without its salt and its reserved end."""
    end = PAGE_BYTES - _RESERVED_BYTES
    vector = page[end : end + _IV_BYTES]
    decryptor = Cipher(AES(key.expose()), CBC(vector)).decryptor()
    return decryptor.update(page[skip:end]) + decryptor.finalize()
