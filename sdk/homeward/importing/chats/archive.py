"""Finds the chats in the zip file of an export."""

import re
from collections.abc import Iterator
from pathlib import PurePosixPath

from homeward.importing.reading.packed import OpenedZip
from homeward.importing.reading.unicode_input import Bytes

# What holds words of the person or about them: chats, projects of Claude and what it remembers.
_WANTED = re.compile(
    r"(?:.*/)?conversations[^/]*\.json|(?:.*/)?projects[^/]*(?:/[^/]+)?\.json"
    r"|(?:.*/)?memories[^/]*\.json",
    re.IGNORECASE,
)


def chats(opened: OpenedZip) -> Iterator[tuple[PurePosixPath, Bytes]]:
    """Yield the path and the content of each file that holds words of the person or of Claude."""
    for one in sorted(filter(_WANTED.fullmatch, opened.names)):
        with opened.open(one) as content:
            yield PurePosixPath(one), content


def is_chats(path: str) -> bool:
    """Return whether a file in an export holds conversations, by its name."""
    name = PurePosixPath(path).name.lower()
    return name.startswith("conversations") and name.endswith(".json")
