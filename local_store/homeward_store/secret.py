"""
Holds key material in memory that can be wiped.

Python cannot promise that no other copy exists: a `str` that a caller typed a passphrase into stays
until the interpreter reuses its memory. What is made here is a `bytearray`, and is overwritten.
"""

import os
from typing import NoReturn, Self


class Secret:
    """Bytes that leave only through `expose`, do not print, copy or pickle, and can be wiped."""

    __slots__ = ("_raw",)

    def __init__(self, raw: bytearray) -> None:
        self._raw = raw

    @classmethod
    def random(cls, length: int = 32) -> Self:
        """Fresh bytes from the operating system."""
        return cls(bytearray(os.urandom(length)))

    def expose(self) -> bytearray:
        """The bytes themselves. Call this at the cipher, nowhere else."""
        return self._raw

    def wipe(self) -> None:
        """Overwrite the bytes with zeros; the secret is unusable afterwards."""
        for i in range(len(self._raw)):
            self._raw[i] = 0

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.wipe()

    def __repr__(self) -> str:
        return f"<{type(self).__name__}: {len(self._raw)} bytes>"

    def __reduce__(self) -> NoReturn:
        raise TypeError("a secret cannot be pickled or copied")
