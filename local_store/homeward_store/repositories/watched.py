"""
Stores which folders are watched, what their files were when they were read, and what came of them.

What a file held is kept as marks of the import log, never as digests: they outlive what was
forgotten.
"""

import json
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from homeward_store.consent.consent import Clock
from homeward_store.database.database import Database, Row
from homeward_store.errors import NotFound
from homeward_store.records import Origin, Source, SourceKind, checked, from_micros, to_micros
from homeward_store.repositories.import_log import Imported
from homeward_store.typed import doors


@dataclass(frozen=True, slots=True)
class WatchedFolder:
    """
    A folder that the person gave to be watched.

    `origin`: whose words its files are. `i_am`: the person's name in chats. `forgets`: what a file
    gave is forgotten once the file is deleted. `looked_at`: when it was last looked through.
    """

    id: int
    path: str
    since: datetime
    origin: Origin
    i_am: str | None
    forgets: bool
    looked_at: datetime | None


@dataclass(frozen=True, slots=True)
class WatchedFile:
    """
    A file of a watched folder, as it was when it was read.

    `changed_at` is the file system's, in nanoseconds. `left_out` counts what was not taken in of
    it, and `why` says it of the first; it quotes nothing.
    """

    name: str  # within the folder, with slashes
    size: int
    changed_at: int
    left_out: int = 0
    why: str | None = None


@doors
class Watched:
    """The watched folders of one profile; deleting one from here deletes nothing else."""

    def __init__(self, database: Database, *, imported: Imported, clock: Clock) -> None:
        self._database, self._imported, self._clock = database, imported, clock

    def add(self, path: str, *, origin: Origin, i_am: str | None, forgets: bool) -> WatchedFolder:
        """Watch a folder from now on; of one that is watched already, change what is given."""
        self._database.run(
            "INSERT INTO watched_folder(path, since, origin, i_am, forgets) VALUES(?, ?, ?, ?, ?)"
            " ON CONFLICT DO UPDATE SET origin = excluded.origin, i_am = excluded.i_am,"
            " forgets = excluded.forgets",
            (checked(path), to_micros(self._clock()), origin.value, i_am, forgets),
        )
        return next(one for one in self.all() if one.path == path)

    def all(self) -> list[WatchedFolder]:
        """Every watched folder, the oldest first."""
        rows = self._database.run(
            "SELECT id, path, since, origin, i_am, forgets, looked_at FROM watched_folder"
            " ORDER BY id"
        )
        return [_folder(row) for row in rows]

    def remove(self, path: str) -> None:
        """
        Watch a folder no more; what came from it stays.

        Raises:
            NotFound: it is not watched.
        """
        with self._database.transaction():
            if path not in {one.path for one in self.all()}:
                raise NotFound("this folder is not watched")
            self._database.run("DELETE FROM watched_folder WHERE path = ?", (path,))
            self._database.run(
                "DELETE FROM watched_record WHERE mark NOT IN (SELECT mark FROM watched_item)"
            )

    def looked(self, folder: int) -> None:
        """Note that a folder was looked through now."""
        now = to_micros(self._clock())
        self._database.run("UPDATE watched_folder SET looked_at = ? WHERE id = ?", (now, folder))

    def files(self, folder: int) -> list[WatchedFile]:
        """The files of a folder that were read, by their names."""
        rows = self._database.run(
            "SELECT name, size, changed_at, left_out, why FROM watched_file"
            " WHERE folder = ? ORDER BY name",
            (folder,),
        )
        return [WatchedFile(*row) for row in rows]

    def read(self, folder: int, file: WatchedFile) -> None:
        """Note what a file was when it was read."""
        self._database.run(
            "INSERT INTO watched_file(folder, name, size, changed_at, left_out, why)"
            " VALUES(?, ?, ?, ?, ?, ?) ON CONFLICT DO UPDATE SET size = excluded.size,"
            " changed_at = excluded.changed_at, left_out = excluded.left_out, why = excluded.why",
            (
                folder,
                checked(file.name),
                file.size,
                file.changed_at,
                file.left_out,
                file.why and checked(file.why),
            ),
        )

    def held(self, folder: int, name: str, digests: Sequence[bytes]) -> None:
        """
        Note that a file holds these items.

        Raises:
            NotFound: the file was not noted as read.
        """
        with self._database.transaction():
            file = self._file(folder, name)
            if file is None:
                raise NotFound("this file was not noted as read")
            self._database.run_many(
                "INSERT INTO watched_item(file, mark) VALUES(?, ?) ON CONFLICT DO NOTHING",
                [(file, mark) for mark in self._imported.marks(digests)],
            )

    def became(self, digest: bytes, source: Source) -> None:
        """Note what an item became; in the same transaction."""
        [mark] = self._imported.marks([digest])
        self._database.run(
            "INSERT INTO watched_record(mark, kind, record) VALUES(?, ?, ?)"
            " ON CONFLICT DO UPDATE SET kind = excluded.kind, record = excluded.record",
            (mark, SourceKind(source[0]).value, source[1]),
        )

    def gave(self, folder: int, names: Sequence[str]) -> list[Source]:
        """What came from these files and from no other that is watched."""
        found = list[Source]()
        for mark in self._only_of(folder, names):
            rows = self._database.run(
                "SELECT kind, record FROM watched_record WHERE mark = ?", (mark,)
            )
            found += [(SourceKind(kind), int(record)) for kind, record in rows]
        return found

    def gone(self, folder: int, names: Sequence[str], *, forgotten: bool) -> None:
        """
        Drop files. `forgotten`: so was what they gave.

        Guarantees:
            A file whose content was forgotten so is new when it is put back. Else it is known.
        """
        with self._database.transaction():
            if forgotten:
                marks = self._only_of(folder, names)
                self._imported.unmark(marks)
                self._database.run_many(
                    "DELETE FROM watched_record WHERE mark = ?", [(mark,) for mark in marks]
                )
            self._database.run_many(
                "DELETE FROM watched_file WHERE folder = ? AND name = ?",
                [(folder, name) for name in names],
            )

    def _only_of(self, folder: int, names: Sequence[str]) -> list[bytes]:
        """Return the marks of what these files held, and no other holds."""
        rows = self._database.run(
            "SELECT mark FROM watched_item JOIN watched_file ON watched_file.id = file"
            " GROUP BY mark HAVING min(folder = ?1"
            " AND name IN (SELECT value FROM json_each(?2))) ORDER BY mark",
            (folder, json.dumps(list(names))),
        )
        return [mark for (mark,) in rows]

    def _file(self, folder: int, name: str) -> int | None:
        rows = self._database.run(
            "SELECT id FROM watched_file WHERE folder = ? AND name = ?", (folder, name)
        )
        return int(rows[0][0]) if rows else None


def destroy(database: Database) -> None:
    """Watch nothing more: what is forgotten as a whole must not come back from a folder."""
    database.run("DELETE FROM watched_folder")
    database.run("DELETE FROM watched_record")


def _folder(row: Row) -> WatchedFolder:
    number, path, since, origin, i_am, forgets, looked_at = row
    return WatchedFolder(
        number,
        path,
        from_micros(since),
        Origin(origin),
        i_am,
        bool(forgets),
        None if looked_at is None else from_micros(looked_at),
    )
