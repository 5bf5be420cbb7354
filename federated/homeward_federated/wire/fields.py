"""
Defines the shapes of message fields; every value is checked when encoded and when decoded.

Knows bounds. Does not know messages, bytes on the wire, or what a field means.
"""

import math
import unicodedata
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


# What could end the quotation that a text is shown in, or look as if it did.
_QUOTES = frozenset(
    '"\u00ab\u00bb\u02ba\u02dd\u02ee\u02f6\u05f4\u201c\u201d\u201e\u201f\u2033\u2036\u2039\u203a'
    "\u275d\u275e\u301d\u301e\u301f\uff02"
)
# Letters and symbols by category that are drawn as nothing: Hangul fillers, an empty Braille cell.
_BLANK = frozenset("\u115f\u1160\u2800\u3164\uffa0\u034f\u17b4\u17b5")
_MOST_MARKS = 2  # on one letter; a pile of them reaches into the lines above and below


@dataclass(frozen=True, slots=True)
class AsciiLine:
    """
    One line of text for a person to read, of 1 to `longest` characters, that can be shown quoted.

    It holds letters, marks, digits, punctuation, symbols and single spaces: nothing that ends a
    line, moves the cursor, turns the direction of reading, is not seen, or closes a quotation.
    """

    longest: int

    def check(self, value: object, *, name: str) -> str:
        """Return the text, or raise `Malformed`."""
        if not isinstance(value, str) or not 0 < len(value) <= self.longest:
            raise Malformed(f"{name} is not a text of 1 to {self.longest} characters")
        for place, character in enumerate(value, 1):
            if character in _QUOTES or not _is_seen(character):
                raise Malformed(f"{name} may not hold U+{ord(character):04X}, as character {place}")
        if value != " ".join(value.split()) or _piles_marks(value):
            raise Malformed(f"{name} holds spaces or marks that would not be seen as they are")
        return value


def _is_seen(character: str) -> bool:
    # Of the separators the space alone; of category C (controls, bidi, surrogates …) none.
    return character == " " or (
        unicodedata.category(character)[0] not in "CZ" and character not in _BLANK
    )


def _piles_marks(text: str) -> bool:
    marks = 0
    for character in text:
        marks = marks + 1 if unicodedata.category(character) in {"Mn", "Me"} else 0
        if marks > _MOST_MARKS:
            return True
    return False


@dataclass(frozen=True, slots=True)
class Place:
    """A path or URL of at most `longest` printable ASCII characters, or none."""

    longest: int

    def check(self, value: object, *, name: str) -> str:
        """Return the text, or raise `Malformed`."""
        if isinstance(value, str) and len(value) <= self.longest and _is_plain(value):
            return value
        raise Malformed(f"{name} is not a path or URL of at most {self.longest} characters")


@dataclass(frozen=True, slots=True)
class AsciiLines:
    """At most `longest` characters of printable ASCII in lines: what a program reads."""

    longest: int

    def check(self, value: object, *, name: str) -> str:
        """Return the text, or raise `Malformed`."""
        if (
            isinstance(value, str)
            and len(value) <= self.longest
            and all(line.isascii() and line.isprintable() for line in value.split("\n"))
        ):
            return value
        raise Malformed(f"{name} is not a document of at most {self.longest} characters")


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
