"""
Roles that are plain text to a model: how its contents are kept from taking them. Pure.

Where a model's vocabulary has no tokens for its turns, as a base model's has none, the text alone
says who speaks. Then a line of a document could open a turn, and only the text says where a reply
ends.
"""

import re
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Self


@dataclass(frozen=True, slots=True)
class PlainRoles:
    """The marks of turns that are plain text; none, where tokens mark them."""

    marks: tuple[str, ...] = ()
    stop: tuple[str, ...] = ()  # a reply ends where one of them begins
    space: str = ""  # before each question and reply

    @classmethod
    def of(cls, shown: Sequence[str], *, begins: str, ends: str) -> Self:
        """
        Return those of the pieces `shown`, which are plain text.

        `begins` stands before replies and `ends` after them; a model may go on with either, where
        it asks itself a question without saying who does.
        """
        lines = (line.strip() for piece in shown for line in piece.splitlines())
        marks = tuple(dict.fromkeys(line for line in lines if line))
        firsts = (re.match(r"\s*[^\n]*", one) for one in (ends, begins) if one in shown)
        stops = [stop for first in firsts if first and (stop := first[0].rstrip())]
        # With one line break more: where a model leaves a line out, that is no part of its reply.
        return cls(marks, tuple(text for stop in stops for text in (f"\n{stop}", stop)))

    def quoted(self, text: str) -> str:
        """Return `text` with its marks broken, so that it opens no turn and ends none."""
        for mark in self.marks:
            if mark[0].isalnum():
                text = re.sub(rf"(?m)^(?=[ \t]*{re.escape(mark)})", "> ", text)
            else:
                text = text.replace(mark, f"{mark[0]} {mark[1:]}")
        return text

    def content(self, text: str) -> str:
        """Return a question or a reply as it stands in a prompt."""
        return f"{self.space}{self.quoted(text)}"
