"""Finds the chats in the zip file of an export."""

from collections.abc import Iterator
from pathlib import PurePosixPath

from homeward.importing.items import LeftOut
from homeward.importing.reading.packed import OpenedZip
from homeward.importing.reading.unicode_input import Bytes

_OTHERS = (("projects", "projects of Claude"), ("memories", "Claude's memories"))


def chats(packed: OpenedZip) -> Iterator[tuple[str, Bytes] | LeftOut]:
    """Yield the name and the content of each `conversations….json`, and what else is not read."""
    for one in sorted(filter(is_chats, packed.names)):
        with packed.open(one) as content:
            yield f"{packed.name}/{_last(one)}", content
    yield from _others(packed.names, packed.name)


def _last(name: str) -> str:
    return PurePosixPath(name).name


def is_chats(path: str) -> bool:
    """Return whether a file in an export holds conversations, by its name."""
    name = _last(path).lower()
    return name.startswith("conversations") and name.endswith(".json")


def _others(names: list[str], name: str) -> Iterator[LeftOut]:
    """Yield what holds words of the person or about them beside the chats."""
    for start, what in _OTHERS:
        count = sum(one.lower().startswith(start) and one.endswith(".json") for one in names)
        if count:
            yield LeftOut(f"{name}/{start}", f"{what} are not read; files of them: {count}")
