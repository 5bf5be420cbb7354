"""
Limits how much text may be asked or given at once, so that one thread answers within seconds.

A text costs by its length, and a text that becomes memories by their number: each is embedded and
held against what is known, which takes some milliseconds. Pure.
"""

from collections.abc import Callable
from dataclasses import dataclass

from homeward.errors import InvalidArgument
from homeward.text.spans import TextSpan, passages, statements

MOST_MEMORIES = 300  # that one text may become; a page has about ten


@dataclass(frozen=True, slots=True)
class Limit:
    """The characters of a text, and how it is cut into what may become memories."""

    characters: int
    spans: Callable[[str], list[TextSpan]]

    def check(self, text: str) -> str:
        """
        Return `text`.

        Raises:
            InvalidArgument: it is too long, or would become too many memories.
        """
        if len(text) > self.characters:
            raise InvalidArgument(
                f"the text has {len(text)} characters; send parts of at most {self.characters}"
            )
        if (count := len(self.spans(text))) > MOST_MEMORIES:
            raise InvalidArgument(
                f"the text would become {count} memories; send parts of at most {MOST_MEMORIES}"
            )
        return text


QUESTION = Limit(100_000, statements)
NOTE = Limit(20_000, passages)
WRITING = Limit(200_000, passages)
