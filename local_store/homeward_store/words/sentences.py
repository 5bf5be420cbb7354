"""Says where a sentence ends, in every script. Pure."""

import re
from collections.abc import Iterator

ENDS = ".!?。！？｡．؟۔।॥။።‼⁇⁈⁉"  # noqa: RUF001
"""What a sentence ends with, as characters of a class in a regular expression."""

ENDS_UNSPACED = "。！？｡"  # noqa: RUF001
"""… where no space follows."""

# A stop before a letter or a digit (3.5, ada@example.org) ends none. Thai has no stops.
_SENTENCE = re.compile(
    rf"(?:[^\n{ENDS}]+|[.!?](?=\w))*(?:[{ENDS}]+[\"'”’»」』)\]]*|\n|$)"  # noqa: RUF001
)
# After these a stop shortens a word, and a name or a number follows.
_SHORTENED = re.compile(
    r"(?:^|[\s(])(?:(?i:dr|mr|mrs|ms|prof|st|mt|vs|approx|jr|sr|sra|dra|mme|mlle|z\.\s?b|d\.\s?h"
    r"|u\.\s?a|bzw|ca|nr|ul|dott|sig|sig\.ra|e\.g|i\.e|bl|тов|ул|им)|(?!I)[A-ZÀ-ÖØ-ÞА-Я])\.$"
)
_LONGEST_SHORTENED = 12


def sentence_places(text: str) -> Iterator[tuple[int, int]]:
    """Yield from which character of `text` to which each sentence or line reaches."""
    begun: int | None = None
    for match in _SENTENCE.finditer(text):
        start, end = match.span()
        start = start if begun is None else begun
        tail = text[max(start, end - _LONGEST_SHORTENED) : end]
        goes_on = text[end : end + 1] in (" ", "\t") and bool(_SHORTENED.search(tail))
        begun = start if goes_on else None
        if not goes_on and end > start:
            yield start, end
