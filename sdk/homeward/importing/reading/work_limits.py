"""
Counts the work that a file causes, so that the limit is the same on every machine.

Reading bytes is cheap; what costs time and memory is their pieces: values of JSON, tags, parts and
words of mails. Files of people have a piece in ten bytes or more. One that is built to keep the
program busy has a piece in two or three, and is not read to its end.
"""

from homeward.errors import ImportCorrupt

AT_FIRST = 300_000  # pieces that every file may have: about a quarter of a second
OF_A_RECORD = 100_000  # pieces that every mail may have, within what the file may
BYTES_A_PIECE = 8  # for each of them that was read, one piece more


class NotTaken(Exception):
    """Says why one record of a file is not taken; the others are."""


class Work:
    """
    The pieces of one file, against its bytes.

    `refusal` is what is raised for more of them; the next bytes make room again.
    """

    def __init__(self, name: str, *, refusal: type[Exception] = ImportCorrupt) -> None:
        self._name, self._refusal = name, refusal
        self._left = AT_FIRST * BYTES_A_PIECE

    def read(self, size: int) -> None:
        """Note that `size` more bytes were read."""
        self._left += size

    def spend(self, pieces: int = 1) -> None:
        """
        Count pieces.

        Raises:
            `refusal`: there are more than a file of this size may have.
        """
        if self._left < pieces * BYTES_A_PIECE:
            raise self._refusal(
                f"{self._name}: more than {AT_FIRST} pieces and one in {BYTES_A_PIECE} bytes"
                " would keep this program busy"
            )
        self._left -= pieces * BYTES_A_PIECE


class Record:
    """The pieces of one record, of `size` bytes: within what `work` has left."""

    def __init__(self, work: Work, size: int) -> None:
        self._work = work
        self._left = OF_A_RECORD + size // BYTES_A_PIECE

    def spend(self, pieces: int = 1) -> None:
        """
        Count pieces, here and in the file.

        Raises:
            NotTaken: a record of this size has fewer. What `Work.spend` of the file raises.
        """
        self._left -= pieces
        if self._left < 0:
            raise NotTaken(
                f"it has more than {OF_A_RECORD} pieces and one in {BYTES_A_PIECE} bytes"
            )
        self._work.spend(pieces)
