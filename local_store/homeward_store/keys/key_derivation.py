"""
Derives keys: from a passphrase by Argon2id at a set cost, from other keys by HKDF.

    passphrase ─ Argon2id ─► key-encryption key ─┐
    keychain   ─ HKDF ─────► key-encryption key ─┼─ AES-256-GCM ─► profile master key
    recovery   ─ HKDF ─────► key-encryption key ─┘                       │
                             database key of an epoch ◄─ AES-256-GCM ────┤
                             MAC key of the key file  ◄─ HKDF ───────────┘
"""

import time
from dataclasses import dataclass, replace

from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.kdf.argon2 import Argon2id
from cryptography.hazmat.primitives.kdf.hkdf import HKDF

from homeward_store.errors import InvalidValue
from homeward_store.secret import Secret

KEY_BYTES = 32
SALT_BYTES = 16  # RFC 9106 §3.1 recommends 16 for password hashing


_MAX_KIB_PASSES = 4 * 1024 * 1024  # 4 GiB filled in all: about 10 s on a slow machine


@dataclass(frozen=True, slots=True)
class Argon2Cost:
    """
    What one guess at a passphrase costs an attacker.

    Raises:
        InvalidValue: outside the bounds. A forged key file must not be able to eat all memory,
            nor to make a passphrase cheap to guess.
    """

    memory_kib: int
    passes: int
    lanes: int

    def __post_init__(self) -> None:
        bounds = (
            ("memory_kib", self.memory_kib, 8 * 1024, 1024 * 1024),  # 8 MiB to 1 GiB
            ("passes", self.passes, 1, 16),
            ("lanes", self.lanes, 1, 16),
        )
        for name, value, low, high in bounds:
            if type(value) is not int or not low <= value <= high:
                raise InvalidValue(f"Argon2id {name} must lie in {low}..{high}")
        if self.memory_kib * self.passes > _MAX_KIB_PASSES:
            raise InvalidValue("Argon2id memory times passes is too dear")


RFC_9106_LOW_MEMORY = Argon2Cost(memory_kib=64 * 1024, passes=3, lanes=4)  # §4, second choice
FASTEST = Argon2Cost(memory_kib=8 * 1024, passes=1, lanes=1)  # only for testing

_CALIBRATION_SECONDS = 0.5  # felt as "at once" when a program starts
_CALIBRATION_CEILING_KIB = 512 * 1024  # leave memory for the model that is being loaded


def calibrated(
    *,
    seconds: float = _CALIBRATION_SECONDS,
    start: Argon2Cost = RFC_9106_LOW_MEMORY,
    ceiling_kib: int = _CALIBRATION_CEILING_KIB,
) -> Argon2Cost:
    """The dearest cost that this machine computes in about `seconds`, never below `start`."""
    cost = start
    while cost.memory_kib < ceiling_kib:
        started = time.perf_counter()
        stretch(Secret(bytearray(b"calibration")), salt=bytes(SALT_BYTES), cost=cost).wipe()
        if time.perf_counter() - started > seconds / 2:
            break
        cost = replace(cost, memory_kib=cost.memory_kib * 2)
    return cost


def stretch(passphrase: Secret, *, salt: bytes, cost: Argon2Cost) -> Secret:
    """
    Turn a passphrase into a key at the price of `cost`.

    Source:
        RFC 9106, Argon2id version 0x13, no secret and no associated data.
    """
    key = _argon2id(passphrase.expose(), salt=salt, cost=cost)
    # OpenSSL frees its copy of the passphrase without wiping it. A second call of the same lengths
    # is given the same block, and writes zeros there.
    _argon2id(bytearray(len(passphrase.expose())), salt=salt, cost=FASTEST)
    return Secret(key)


def _argon2id(password: bytearray, *, salt: bytes, cost: Argon2Cost) -> bytearray:
    key = bytearray(KEY_BYTES)
    Argon2id(
        salt=salt,
        length=KEY_BYTES,
        iterations=cost.passes,
        lanes=cost.lanes,
        memory_cost=cost.memory_kib,
    ).derive_into(password, key)  # type: ignore[arg-type]  # takes any buffer
    return key


def subkey(parent: Secret, label: str) -> Secret:
    """
    An independent key for one use. The parent must be uniformly random.

    Source:
        RFC 5869 with SHA-256, no salt, `info` = the label.
    """
    key = bytearray(KEY_BYTES)
    HKDF(algorithm=SHA256(), length=KEY_BYTES, salt=None, info=label.encode()).derive_into(
        parent.expose(), key
    )
    return Secret(key)
