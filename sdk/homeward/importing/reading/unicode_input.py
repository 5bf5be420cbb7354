"""
Reads files in any of Unicode's encodings as UTF-8.

Which one it is, a byte-order mark says, or the zeros between the letters of UTF-16 and UTF-32 (the
Unicode Standard, 23.8; RFC 4627, 3). Other encodings are not guessed here: what a wrong guess reads
would be kept as somebody's words.
"""

import codecs
from collections.abc import Callable
from typing import Protocol

from homeward.errors import ImportCorrupt

_MARKS = (  # those of UTF-32 before those of UTF-16, which they begin with
    (codecs.BOM_UTF8, "utf-8"),
    (codecs.BOM_UTF32_LE, "utf-32-le"),
    (codecs.BOM_UTF32_BE, "utf-32-be"),
    (codecs.BOM_UTF16_LE, "utf-16-le"),
    (codecs.BOM_UTF16_BE, "utf-16-be"),
)
_ZEROS: dict[
    tuple[bool, ...], str
] = {  # which of the first four bytes are zero, where the text begins with ASCII
    (False, True, True, True): "utf-32-le",
    (True, True, True, False): "utf-32-be",
    (False, True, False, True): "utf-16-le",
    (True, False, True, False): "utf-16-be",
}
_HEAD = 4  # bytes that tell the encoding


class Bytes(Protocol):
    """What is read from the front to the end."""

    def read(self, size: int, /) -> bytes:
        """Return at most `size` bytes; none at the end."""
        ...


def encoding_of(head: bytes) -> tuple[str, int]:
    """Return the Unicode encoding of a text by its first bytes, and how long its mark is."""
    for mark, name in _MARKS:
        if head.startswith(mark):
            return name, len(mark)
    zeros = tuple(byte == 0 for byte in head[:_HEAD])
    return _ZEROS.get(zeros, "utf-8"), 0


class Utf8:
    """
    A file of any Unicode encoding, read as UTF-8 without its mark.

    What is UTF-8 already is passed on as it is.
    """

    def __init__(self, file: Bytes, name: str) -> None:
        self._file, self._name = file, name
        self._recoded: Callable[[bytes], bytes] | None = None

    def read(self, size: int) -> bytes:
        """
        Return about `size` bytes; none at the end.

        Raises:
            ImportCorrupt: it is not whole in its encoding.
        """
        while True:
            data = self._file.read(size)
            head = data
            if self._recoded is None:
                while len(head) < _HEAD and (more := self._file.read(_HEAD)):
                    head += more
                self._recoded, head = self._begun(head)
            text = self._recoded(head)
            if text or not head:
                return text

    def _begun(self, head: bytes) -> tuple[Callable[[bytes], bytes], bytes]:
        encoding, mark = encoding_of(head)
        if encoding == "utf-8":
            return bytes, head[mark:]
        decoder = codecs.getincrementaldecoder(encoding)()

        def recoded(data: bytes) -> bytes:
            try:
                return decoder.decode(data, final=not data).encode()
            except UnicodeError:
                raise ImportCorrupt(
                    f"{self._name}: it is not whole in {encoding.upper()}; convert it to UTF-8"
                ) from None

        return recoded, head[mark:]
