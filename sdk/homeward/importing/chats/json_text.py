"""
Puts U+FFFD where a JSON text escapes half a character.

Programs that cut a text by its length in UTF-16 write such halves. The JSON parser would put a
question mark there, and a statement would be taken for a question.
"""

import re

from homeward.importing.reading.unicode_input import Bytes

# An escape: a whole pair of halves, a half alone (the group), or any other.
_ESCAPE = re.compile(
    rb"\\(?:u[dD][89abAB]..\\u[dD][c-fC-F]..|(u[dD][89a-fA-F][0-9a-fA-F]{2})|.)", re.DOTALL
)
_HIGH = re.compile(rb"\\u[dD][89abAB]..")
_MAYBE = re.compile(rb"\\u[dD][89a-fA-F]")
_LONGEST = 12  # bytes of an escape: \ud83d\ude00


class WholeCharacters:
    """A JSON file in UTF-8 without halves of characters."""

    def __init__(self, file: Bytes) -> None:
        self._file, self._waiting = file, b""

    def read(self, size: int) -> bytes:
        """Return about `size` bytes; none at the end."""
        while True:
            block = self._file.read(size)
            data = self._waiting + block
            cut = _last_escape(data) if block else len(data)
            data, self._waiting = data[:cut], data[cut:]
            if data or not block:
                return _ESCAPE.sub(_whole, data) if _MAYBE.search(data) else data


def _whole(found: re.Match[bytes]) -> bytes:
    return rb"\ufffd" if found[1] else found[0]


def _last_escape(data: bytes) -> int:
    """Return where an escape begins that may go on after `data`; its length if none does."""
    at = data.rfind(b"\\", max(0, len(data) - _LONGEST + 1))
    if at < 0 or not _begins(data, at):
        return len(data)
    before = at - _LONGEST // 2
    if before >= 0 and _HIGH.fullmatch(data, before, at) and _begins(data, before):
        return before
    return at


def _begins(data: bytes, at: int) -> bool:
    """Return whether the backslash at `at` begins an escape, and is not the end of one."""
    return (at - len(data[:at].rstrip(b"\\"))) % 2 == 0
