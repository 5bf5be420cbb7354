"""
A sealed file (backup or export) opens only with its passphrase or recovery code.

Knows the header (docs/formats/sealed-file-v1.md) and the disk; not what is inside. A keychain's
secret never seals such a file: it would be lost with the machine that the file is to survive.
"""

import base64
import json
import os
from collections.abc import Iterable, Iterator
from dataclasses import asdict, dataclass
from enum import StrEnum
from pathlib import Path
from typing import Any, BinaryIO

from homeward_store import files
from homeward_store.errors import SealedFileCorrupt, StoreTooNew, WrongSecret
from homeward_store.keys import sealing
from homeward_store.keys.key_derivation import SALT_BYTES, Argon2Cost, stretch, subkey
from homeward_store.keys.key_wrapping import unwrap, wrap
from homeward_store.keys.unlocking import Passphrase, RecoveryCode
from homeward_store.secret import Secret

Seal = Passphrase | RecoveryCode

_MAGIC = b"homeward-sealed\n"
_VERSION = 1
_MAX_HEADER_BYTES = 4096


class Content(StrEnum):
    """What a sealed file holds; a backup cannot be passed off as an export."""

    BACKUP = "backup"
    EXPORT = "export"


@dataclass(frozen=True, slots=True)
class _Lock:
    """How the file's key is wrapped."""

    cost: Argon2Cost | None  # None: a recovery code, which needs no stretching
    salt: bytes
    wrapped: bytes


def write(
    path: Path, pieces: Iterable[bytes], *, content: Content, seal: Seal, cost: Argon2Cost
) -> None:
    """
    Seal `pieces` into a new file.

    Guarantees:
        The file appears whole, on the disk, or not at all. What was there before is replaced.
    """
    partial = path.with_name(path.name + files.PARTIAL)
    with files.translated(path), Secret.random() as key:
        header = _header(_make_lock(seal, key, content, cost), content)
        try:
            partial.unlink(missing_ok=True)
            files.create_private(partial)
            with partial.open("wb") as file:
                for piece in sealing.seal(key.expose(), pieces, header=header):
                    file.write(piece)
                file.flush()
                os.fsync(file.fileno())
            files.publish(partial, path)
        finally:
            partial.unlink(missing_ok=True)


def read(file: BinaryIO, *, content: Content, seal: Seal) -> "Unsealed":
    """
    The content of a sealed file, authenticated piece by piece as it is read.

    Raises:
        WrongSecret: `seal` does not open it. SealedFileCorrupt: it is not such a file, or damaged.
        StoreTooNew: a newer version of Homeward wrote it.
    """
    header, lock = _read_header(file, content)
    with _file_key(seal, lock, content) as key:
        # The cipher takes its copy of the key when the first chunk is asked for.
        chunks = sealing.unseal(bytes(key.expose()), file.read, header=header)
    return Unsealed(chunks)


class Unsealed:
    """The plaintext of a sealed file, as a stream. Only its end proves it whole."""

    def __init__(self, chunks: Iterator[bytes]) -> None:
        self._chunks = chunks
        self._buffer = bytearray()

    def exactly(self, length: int) -> bytes:
        """
        The next `length` bytes.

        Raises:
            SealedFileCorrupt: the content ends before.
        """
        while len(self._buffer) < length:
            self._buffer += self._more()
        piece = bytes(self._buffer[:length])
        del self._buffer[:length]
        return piece

    def pieces(self, length: int) -> Iterator[bytes]:
        """The next `length` bytes, a chunk at a time."""
        while length:
            piece = self.exactly(min(length, sealing.CHUNK_BYTES))
            length -= len(piece)
            yield piece

    def lines(self) -> Iterator[bytes]:
        """
        The rest, line by line, without line ends.

        Raises:
            SealedFileCorrupt: the last line is cut, or the content does not authenticate.
        """
        for chunk in self._chunks:
            *whole, rest = (bytes(self._buffer) + chunk).split(b"\n")
            self._buffer = bytearray(rest)
            yield from whole
        if self._buffer:
            raise SealedFileCorrupt("the last line is cut")

    def finish(self) -> None:
        """
        Make sure that nothing follows, which also proves the end authentic.

        Raises:
            SealedFileCorrupt: something follows, or the end does not authenticate.
        """
        if self._buffer or any(self._chunks):
            raise SealedFileCorrupt("more content than there should be")

    def _more(self) -> bytes:
        chunk = next(self._chunks, b"")
        if not chunk:
            raise SealedFileCorrupt("the content ends too early")
        return chunk


def _make_lock(seal: Seal, key: Secret, content: Content, cost: Argon2Cost) -> _Lock:
    blank = (
        _Lock(cost, os.urandom(SALT_BYTES), b"")
        if isinstance(seal, Passphrase)
        else _Lock(None, b"", b"")
    )
    with _wrapping_key(seal, blank) as outer:
        return _Lock(blank.cost, blank.salt, wrap(outer, key, context=_context(content)))


def _file_key(seal: Seal, lock: _Lock, content: Content) -> Secret:
    if isinstance(seal, Passphrase) != (lock.cost is not None):
        raise WrongSecret("the file was sealed with the other kind of secret")
    with _wrapping_key(seal, lock) as outer:
        return unwrap(outer, lock.wrapped, context=_context(content))


def _wrapping_key(seal: Seal, lock: _Lock) -> Secret:
    with seal.secret() as secret:
        if lock.cost is not None:
            return stretch(secret, salt=lock.salt, cost=lock.cost)
        return subkey(secret, "homeward/sealed/recovery")


def _header(lock: _Lock, content: Content) -> bytes:
    document: dict[str, Any] = {
        "content": content.value,
        "wrapped": base64.b64encode(lock.wrapped).decode(),
    }
    if lock.cost is not None:
        salt = base64.b64encode(lock.salt).decode()
        document["argon2id"] = {**asdict(lock.cost), "salt": salt}
    text = json.dumps(document, sort_keys=True).encode()
    return _MAGIC + bytes([_VERSION]) + len(text).to_bytes(4, "big") + text


def _read_header(file: BinaryIO, content: Content) -> tuple[bytes, _Lock]:
    start = file.read(len(_MAGIC) + 5)
    if len(start) != len(_MAGIC) + 5 or not start.startswith(_MAGIC):
        raise SealedFileCorrupt("not a sealed file")
    if start[len(_MAGIC)] != _VERSION:
        raise StoreTooNew(f"sealed file version {start[len(_MAGIC)]}")
    length = int.from_bytes(start[-4:], "big")
    if length > _MAX_HEADER_BYTES:
        raise SealedFileCorrupt(f"the header has more than {_MAX_HEADER_BYTES} bytes")
    text = file.read(length)
    try:
        return start + text, _parse_lock(json.loads(text), content)
    except (ValueError, KeyError, TypeError, AttributeError, RecursionError):
        raise SealedFileCorrupt("the header has a wrong shape") from None


def _parse_lock(document: dict[str, Any], content: Content) -> _Lock:
    if document["content"] != content.value:
        raise SealedFileCorrupt(f"the file is no {content.value}")
    wrapped = base64.b64decode(document["wrapped"], validate=True)
    if "argon2id" not in document:
        return _Lock(None, b"", wrapped)
    numbers = document["argon2id"]
    salt = base64.b64decode(numbers["salt"], validate=True)
    if len(salt) != SALT_BYTES:
        raise ValueError("salt")
    cost = Argon2Cost(numbers["memory_kib"], numbers["passes"], numbers["lanes"])
    return _Lock(cost, salt, wrapped)


def _context(content: Content) -> bytes:
    return f"homeward-sealed/{_VERSION}/{content.value}".encode()
