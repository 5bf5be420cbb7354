"""
Buffers uniform bits and integers from the operating system's generator.

Nothing here can be seeded: noise that someone can replay protects nobody.
"""

import os

# One system call for about a hundred samples; short enough that big-integer shifts stay cheap.
_REFILL_BYTES = 256


class BitSource:
    """A stream of secure random bits."""

    __slots__ = ("_bits", "_count")

    def __init__(self) -> None:
        self._bits = 0
        self._count = 0

    def bits(self, count: int) -> int:
        """Return `count` uniform bits as an integer."""
        while self._count < count:
            self._bits |= int.from_bytes(os.urandom(_REFILL_BYTES), "little") << self._count
            self._count += 8 * _REFILL_BYTES
        drawn = self._bits & ((1 << count) - 1)
        self._bits >>= count
        self._count -= count
        return drawn

    def below(self, bound: int) -> int:
        """Return a uniform integer from 0 to `bound` - 1, by rejection: no modulo bias."""
        width = (bound - 1).bit_length()
        while (drawn := self.bits(width)) >= bound:
            pass
        return drawn
