"""
The shapes that a field of a message may have; every value is checked on the way out and in.

Knows bounds. Does not know messages, bytes on the wire, or what a field means.
"""

import math
from dataclasses import dataclass
from typing import Protocol

from homeward_federated.errors import Malformed


class Field(Protocol):
    """One field's type and bounds."""

    def check(self, value: object, *, name: str) -> object:
        """Return `value` in its Python form, or raise `Malformed` naming the field."""
        ...


@dataclass(frozen=True, slots=True)
class Octets:
    """Exactly `size` bytes; with `may_be_absent`, also none at all."""

    size: int
    may_be_absent: bool = False

    def check(self, value: object, *, name: str) -> bytes:
        """Return the bytes, or raise `Malformed`."""
        if isinstance(value, bytes) and (
            len(value) == self.size or (self.may_be_absent and not value)
        ):
            return value
        raise Malformed(f"{name} is not {self.size} bytes")


@dataclass(frozen=True, slots=True)
class Blob:
    """Between `low` and `high` bytes."""

    low: int
    high: int

    def check(self, value: object, *, name: str) -> bytes:
        """Return the bytes, or raise `Malformed`."""
        if isinstance(value, bytes) and self.low <= len(value) <= self.high:
            return value
        raise Malformed(f"{name} is not {self.low} to {self.high} bytes")


@dataclass(frozen=True, slots=True)
class Whole:
    """An integer from `low` to `high`, both included."""

    low: int
    high: int

    def check(self, value: object, *, name: str) -> int:
        """Return the integer, or raise `Malformed`."""
        # bool is an int in Python, but not on the wire.
        if (
            isinstance(value, int)
            and not isinstance(value, bool)
            and self.low <= value <= self.high
        ):
            return value
        raise Malformed(f"{name} is not an integer from {self.low} to {self.high}")


@dataclass(frozen=True, slots=True)
class Real:
    """A finite double from `low` to `high`, both included."""

    low: float
    high: float

    def check(self, value: object, *, name: str) -> float:
        """Return the number, or raise `Malformed`."""
        if isinstance(value, float) and math.isfinite(value) and self.low <= value <= self.high:
            return value
        raise Malformed(f"{name} is not a number from {self.low} to {self.high}")


@dataclass(frozen=True, slots=True)
class Name:
    """An identifier of 1 to `longest` printable ASCII characters without spaces."""

    longest: int

    def check(self, value: object, *, name: str) -> str:
        """Return the text, or raise `Malformed`."""
        if isinstance(value, str) and 0 < len(value) <= self.longest and _is_plain(value):
            return value
        raise Malformed(f"{name} is not a name of at most {self.longest} characters")


def _is_plain(text: str) -> bool:
    return all("!" <= character <= "~" for character in text)


@dataclass(frozen=True, slots=True)
class Many:
    """At most `most` values of one shape."""

    each: Field
    most: int

    def check(self, value: object, *, name: str) -> tuple[object, ...]:
        """Return a tuple, or raise `Malformed`."""
        if not isinstance(value, list | tuple) or len(value) > self.most:
            raise Malformed(f"{name} is not a list of at most {self.most}")
        return tuple(self.each.check(item, name=name) for item in value)
