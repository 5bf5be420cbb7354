"""
Turns the bytes of tokens into text that may be shown.

Two things are held back: bytes that do not yet make a whole character, and text that may yet turn
out to be the start of a stop string.
"""

import codecs
from collections.abc import Sequence

from homeward.errors import InvalidArgument


class TextStream:
    """Turns token bytes into text. A class because both kinds of held-back text are its state."""

    def __init__(self, stop: Sequence[str] = ()) -> None:
        if not all(stop):
            raise InvalidArgument("a stop string must not be empty")
        self._stop = tuple(stop)
        self._characters = codecs.getincrementaldecoder("utf-8")(errors="replace")
        self._held = ""
        self.found = ""
        """The stop string that was seen, after which nothing comes."""

    def push(self, piece: bytes) -> str:
        """Text that `piece` makes certain, perhaps none."""
        if self.found:
            return ""
        text = self._characters.decode(piece)
        return self._until_stop(self._held + text) if self._stop else text

    def finish(self) -> str:
        """
        Text that was held back for a stop string which never came.

        Bytes of a character that never became whole are dropped: half an emoji is not text.
        """
        rest, self._held = self._held, ""
        return rest

    def _until_stop(self, text: str) -> str:
        found = [(at, stop) for stop in self._stop if (at := text.find(stop)) >= 0]
        if found:
            at, self.found = min(found)
            self._held = ""
            return text[:at]
        certain = len(text) - max(_overlap(text, stop) for stop in self._stop)
        self._held = text[certain:]
        return text[:certain]


def _overlap(text: str, stop: str) -> int:
    """Length of the longest end of `text` that is a true beginning of `stop`."""
    longest = min(len(text), len(stop) - 1)
    return next((n for n in range(longest, 0, -1) if text.endswith(stop[:n])), 0)
