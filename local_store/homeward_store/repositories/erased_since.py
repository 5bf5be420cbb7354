"""
Notices what was erased while something was derived from it, so that the result is not kept.

What was cut is remembered in memory alone: one process holds a profile, and what it was making
ends with it.
"""

import json
from collections.abc import Iterable

from homeward_store.database.database import Database
from homeward_store.errors import SourceForgotten
from homeward_store.records import Source, SourceKind
from homeward_store.typed import doors


@doors
class Erasures:
    """The records of one profile that were erased, or cut, since it was opened."""

    def __init__(self, database: Database) -> None:
        self._database = database
        self._last: dict[Source, int] = {}
        self.count = 0  # of erasures: remember it before reading what will be derived from

    def note(self, sources: Iterable[Source]) -> None:
        """Report, within an erasure's transaction, the records that it erases or cuts."""
        self.count += 1
        self._last |= dict.fromkeys(sources, self.count)

    def require_whole(self, sources: Iterable[Source], *, since: int | None = None) -> None:
        """
        Raise `SourceForgotten` unless all that was read still exists.

        `since`: what `count` was before it was read; without it, what was only cut is let pass.
        Within a transaction the answer holds until its end.

        Raises:
            SourceForgotten: some of it was erased or cut.
        """
        read = set(sources)
        lost = gone(self._database, read)
        if since is not None:
            lost |= {one for one in read if self._last.get(one, 0) > since}
        if lost:
            raise SourceForgotten(f"{len(lost)} of the records that it is made of were forgotten")


def gone(database: Database, sources: Iterable[Source]) -> set[Source]:
    """Return those of `sources` that are not in the profile."""
    by_kind: dict[SourceKind, list[int]] = {}
    for kind, number in sources:
        by_kind.setdefault(kind, []).append(number)
    lost = set[Source]()
    for kind, numbers in by_kind.items():
        rows = database.run(
            "SELECT value FROM json_each(?)"  # noqa: S608
            f" WHERE value NOT IN (SELECT id FROM {kind.value})",
            (json.dumps(numbers),),
        )
        lost.update((kind, number) for (number,) in rows)
    return lost
