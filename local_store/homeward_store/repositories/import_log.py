"""
Remembers by keyed digest what was imported, so that importing again adds nothing.

A mark outlives what it stands for, so that what was forgotten does not come back with the same
file. A bare hash would let whoever reads the table test what a forgotten text said. So a mark is an
HMAC under a key that is made for marks alone, and that is destroyed with them once everything is
forgotten.
"""

import hashlib
import hmac
import os
from collections.abc import Sequence

from homeward_store.consent.consent import Clock
from homeward_store.database.database import Database
from homeward_store.records import to_micros
from homeward_store.typed import doors

_AT_ONCE = 500  # marks in one statement; SQLite allows 32,766 parameters
_KEY = "imported"  # in the table `meta`


@doors
class Imported:
    """
    Stores which items were imported, as a mark of 32 bytes each.

    Guarantees:
        No digest that was given is on the disk, nor anything that tells without the key of marks
        whether a guess is right.
    """

    def __init__(self, database: Database, *, clock: Clock) -> None:
        self._database = database
        self._clock = clock
        _begin(database)

    def seen(self, digests: Sequence[bytes]) -> set[bytes]:
        """Those of the digests that were marked before, also where it was forgotten since."""
        named = dict(zip(_marks(self._database, digests), digests, strict=True))
        marks, found = list(named), set[bytes]()
        for start in range(0, len(marks), _AT_ONCE):
            some = marks[start : start + _AT_ONCE]
            places = ",".join("?" * len(some))
            rows = self._database.run(
                f"SELECT digest FROM imported WHERE digest IN ({places})",  # noqa: S608
                some,
            )
            found.update(named[mark] for (mark,) in rows)
        return found

    def mark(self, digests: Sequence[bytes]) -> None:
        """Remember that these were imported; in the same transaction as what they stand for."""
        now = to_micros(self._clock())
        self._database.run_many(
            "INSERT INTO imported(digest, at) VALUES(?, ?) ON CONFLICT DO NOTHING",
            [(mark, now) for mark in _marks(self._database, digests)],
        )

    def marks(self, digests: Sequence[bytes]) -> list[bytes]:
        """The mark of each digest, under the key of this profile."""
        return _marks(self._database, digests)

    def unmark(self, marks: Sequence[bytes]) -> None:
        """Take marks off: what they stand for is new when it is imported again."""
        self._database.run_many(
            "DELETE FROM imported WHERE digest = ?", [(mark,) for mark in marks]
        )


def destroy(database: Database) -> None:
    """Erase every mark, and the key without which a copy of one says nothing."""
    database.run("DELETE FROM imported")
    database.run("UPDATE meta SET value = ? WHERE key = ?", (os.urandom(32), _KEY))


def _begin(database: Database) -> None:
    """Make the key; what an earlier version kept as bare hashes is put under it."""
    if database.run("SELECT 1 FROM meta WHERE key = ?", (_KEY,)):
        return
    with database.transaction():
        bare = database.run("SELECT digest, at FROM imported")
        database.run("INSERT INTO meta(key, value) VALUES(?, ?)", (_KEY, os.urandom(32)))
        database.run("DELETE FROM imported")
        marks = _marks(database, [digest for digest, _ in bare])
        rows = zip(marks, (at for _, at in bare), strict=True)
        database.run_many("INSERT INTO imported(digest, at) VALUES(?, ?)", rows)
    database.checkpoint()  # the log holds the bare hashes until then


def _marks(database: Database, digests: Sequence[bytes]) -> list[bytes]:
    [(key,)] = database.run("SELECT value FROM meta WHERE key = ?", (_KEY,))
    return [hmac.digest(key, digest, hashlib.sha256) for digest in digests]
