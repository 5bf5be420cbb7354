"""
Stores large derived data in separate files: KV prefixes, soft prompts, indexes.

Each file has its own key, kept in its row: when the row's key goes, the file is noise, even where
the disk keeps old blocks.
"""

import os
import secrets
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime

from homeward_store import files
from homeward_store.database.database import Database
from homeward_store.errors import BlobCorrupt, SealedFileCorrupt
from homeward_store.folder import Folder
from homeward_store.keys import sealing
from homeward_store.records import Source, SourceKind, checked, from_micros, to_micros
from homeward_store.repositories.erased_since import Erasures
from homeward_store.typed import doors

HEADER = b"homeward-blob\n\x01"  # format name and version byte


@dataclass(frozen=True, slots=True)
class StaleBlob:
    """A derived thing whose bytes were shredded because a source of it was forgotten."""

    kind: str
    cache_key: bytes
    sources: tuple[Source, ...]  # those that are left, to derive it from anew


@doors
class Blobs:
    """Stores the encrypted blob files of one profile."""

    def __init__(
        self,
        database: Database,
        folder: Folder,
        *,
        clock: Callable[[], datetime],
        erasures: Erasures,
    ) -> None:
        self._database = database
        self._folder = folder
        self._clock = clock
        self._erasures = erasures

    def put(
        self,
        kind: str,
        cache_key: bytes,
        data: bytes,
        *,
        sources: Sequence[Source] = (),
        since: int | None = None,
    ) -> None:
        """
        Keep `data` under (kind, cache_key), replacing what was there.

        `sources` are what it was derived from: forgetting one of them shreds it. `since` is what
        `Profile.erasures.count` was before they were read.

        Guarantees:
            Whole or absent after a crash at any point. Nothing is kept of what was forgotten since.

        Raises:
            SourceForgotten: a source is not there any more, or was cut `since`. Nothing was kept.
        """
        name, key = secrets.token_hex(16), os.urandom(32)
        row = (checked(kind), cache_key, name, key, len(data), to_micros(self._clock()))
        with self._database.transaction():
            self._erasures.require_whole(sources, since=since)
            # Inside, so that another thread's sweep does not take the file for a leftover.
            self._write(name, key, data)
            self._database.after_commit(self.sweep)
            self._database.run(
                "DELETE FROM blob WHERE kind = ? AND cache_key = ?", (kind, cache_key)
            )
            blob = self._database.insert(
                "INSERT INTO blob(kind, cache_key, file_name, file_key, size, put_at)"
                " VALUES(?, ?, ?, ?, ?, ?)",
                row,
            )
            self._database.run_many(
                "INSERT INTO derived_from(blob, source_kind, source_id) VALUES(?, ?, ?)",
                {(blob, source_kind.value, source) for source_kind, source in sources},
            )

    def get(self, kind: str, cache_key: bytes) -> bytes | None:
        """
        The bytes; None if there are none, or if they were shredded.

        Raises:
            BlobCorrupt: the file is damaged or missing. `remove` it and derive it anew.
        """
        rows = self._database.run(
            "SELECT file_name, file_key FROM blob"
            " WHERE kind = ? AND cache_key = ? AND file_key IS NOT NULL",
            (kind, cache_key),
        )
        return self._read(*rows[0]) if rows else None

    def keys(self, kind: str) -> list[bytes]:
        """Cache keys of a kind's blobs that were not shredded, oldest first."""
        rows = self._database.run(
            "SELECT cache_key FROM blob WHERE kind = ? AND file_key IS NOT NULL ORDER BY id",
            (kind,),
        )
        return [key for (key,) in rows]

    def put_at(self, kind: str, cache_key: bytes) -> datetime | None:
        """When a blob was put last; None where there is none."""
        rows = self._database.run(
            "SELECT put_at FROM blob WHERE kind = ? AND cache_key = ?", (kind, cache_key)
        )
        return from_micros(rows[0][0]) if rows else None

    def remove(self, kind: str, cache_key: bytes) -> None:
        """Shred the bytes and forget that they were there."""
        with self._database.transaction():
            self._database.after_commit(self.sweep)
            self._database.run(
                "DELETE FROM blob WHERE kind = ? AND cache_key = ?", (kind, cache_key)
            )

    def trim(self, kind: str, *, max_bytes: int) -> None:
        """Remove the oldest blobs of a kind until the rest fits."""
        with self._database.transaction():
            self._database.after_commit(self.sweep)
            self._database.run(
                "DELETE FROM blob WHERE id IN (SELECT id FROM (SELECT id,"
                " sum(size) OVER (ORDER BY id DESC) AS total FROM blob WHERE kind = ?)"
                " WHERE total > ?)",
                (kind, max_bytes),
            )

    def stale(self, kind: str | None = None) -> list[StaleBlob]:
        """What waits to be derived anew: put it again, or remove it."""
        rows = self._database.run(
            "SELECT id, kind, cache_key FROM blob"
            " WHERE file_key IS NULL AND kind = ifnull(?, kind) ORDER BY id",
            (kind,),
        )
        return [StaleBlob(name, key, self._sources(blob)) for blob, name, key in rows]

    def damaged(self) -> list[tuple[str, bytes]]:
        """Kind and cache key of blobs whose files do not open."""
        rows = self._database.run(
            "SELECT kind, cache_key FROM blob WHERE file_key IS NOT NULL ORDER BY id"
        )
        return [(kind, key) for kind, key in rows if not self._opens(kind, key)]

    def _opens(self, kind: str, cache_key: bytes) -> bool:
        try:
            self.get(kind, cache_key)
        except BlobCorrupt:
            return False
        return True

    def sweep(self) -> None:
        """Remove files that no row names: replaced, shredded, or left by a crash."""
        named = {name for (name,) in self._database.run("SELECT file_name FROM blob")}
        with files.translated(self._folder.blobs):
            for file in self._folder.blobs.iterdir():
                if file.name not in named:
                    file.unlink()

    def _sources(self, blob: int) -> tuple[Source, ...]:
        rows = self._database.run(
            "SELECT source_kind, source_id FROM derived_from WHERE blob = ? ORDER BY 1, 2", (blob,)
        )
        return tuple((SourceKind(kind), source) for kind, source in rows)

    def _write(self, name: str, key: bytes, data: bytes) -> None:
        sealed = b"".join(sealing.seal(key, [data], header=HEADER))
        files.write_durably(self._folder.blobs / name, sealed)

    def _read(self, name: str, key: bytes) -> bytes:
        try:
            with (self._folder.blobs / name).open("rb") as file:
                if file.read(len(HEADER)) != HEADER:
                    raise BlobCorrupt(f"blob {name} has no header")
                return b"".join(sealing.unseal(key, file.read, header=HEADER))
        except FileNotFoundError:
            raise BlobCorrupt(f"blob {name} is missing") from None
        except SealedFileCorrupt as error:
            raise BlobCorrupt(f"blob {name}: {error}") from None
