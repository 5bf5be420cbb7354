"""
Writes the whole profile into one sealed file, and restores it on any machine.

Knows what is inside a backup (docs/formats/backup-v1.md): a manifest, a copy of the database under
a key of its own, and the blob files as they are. Restoring is all or nothing.
"""

import json
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from homeward_store import files
from homeward_store.archive import sealed_file
from homeward_store.archive.sealed_file import Content, Seal, Unsealed
from homeward_store.database.database import Database, create_database, open_database
from homeward_store.database.migrations import CURRENT, version
from homeward_store.errors import SealedFileCorrupt, StoreTooNew
from homeward_store.folder import Folder
from homeward_store.keys import sealing
from homeward_store.keys.key_derivation import Argon2Cost
from homeward_store.secret import Secret

_FORMAT = "homeward-backup"
_VERSION = 1
_MAX_MANIFEST_BYTES = 1024 * 1024
_BLOB_NAME_DIGITS = 32


@dataclass(frozen=True, slots=True)
class BackupManifest:
    """A backup's description of itself."""

    profile_id: str
    schema: int
    key: Secret
    sizes: dict[str, int]  # of the files that follow, by name, in order


def write(
    database: Database, folder: Folder, path: Path, *, profile_id: str, seal: Seal, cost: Argon2Cost
) -> None:
    """Seal a consistent copy of the profile into `path`."""
    copy = folder.store(0)  # no epoch has this number: a crash's leftover is swept
    with files.translated(path), Secret.random() as key, database.held():
        try:
            copy_under(key, database, copy)
            blobs = sorted(folder.blobs.iterdir())
            sizes = {"store.db": copy.stat().st_size}
            sizes |= {one.name: one.stat().st_size for one in blobs}
            manifest = BackupManifest(profile_id, version(database), key, sizes)
            pieces = _pieces(manifest, [copy, *blobs])
            sealed_file.write(path, pieces, content=Content.BACKUP, seal=seal, cost=cost)
        finally:
            copy.unlink(missing_ok=True)


def read(path: Path, staging: Folder, *, seal: Seal) -> tuple[BackupManifest, Database]:
    """
    Unpack a backup into a folder and open its database.

    Raises:
        WrongSecret, Damaged, StoreTooNew: nothing is restored.
    """
    with files.translated(path), path.open("rb") as file:
        content = sealed_file.read(file, content=Content.BACKUP, seal=seal)
        manifest = _manifest(content)
        for name, size in manifest.sizes.items():
            target = staging.path / name if name == "store.db" else staging.blobs / name
            files.create_private(target)
            with target.open("wb") as out:
                for piece in content.pieces(size):
                    out.write(piece)
        content.finish()
    if manifest.schema > CURRENT:
        raise StoreTooNew(f"the backup has version {manifest.schema}; this program knows {CURRENT}")
    return manifest, open_database(staging.path / "store.db", manifest.key)


def copy_under(key: Secret, database: Database, path: Path) -> None:
    """Copy a database, under another key, into a new file."""
    copy = create_database(path, key)
    try:
        database.copy_to(copy)
        copy.checkpoint()
    finally:
        copy.close()


def _pieces(manifest: BackupManifest, contents: list[Path]) -> Iterator[bytes]:
    text = json.dumps(
        {
            "format": _FORMAT,
            "version": _VERSION,
            "profile": manifest.profile_id,
            "schema": manifest.schema,
            "database_key": manifest.key.expose().hex(),
            "files": [[name, size] for name, size in manifest.sizes.items()],
        }
    ).encode()
    yield len(text).to_bytes(4, "big") + text
    for path in contents:
        with path.open("rb") as file:
            while piece := file.read(sealing.CHUNK_BYTES):
                yield piece


def _manifest(content: Unsealed) -> BackupManifest:
    length = int.from_bytes(content.exactly(4), "big")
    if length > _MAX_MANIFEST_BYTES:
        raise SealedFileCorrupt("the manifest is too long")
    try:
        return _parse(json.loads(content.exactly(length)))
    except (ValueError, KeyError, TypeError, RecursionError):
        raise SealedFileCorrupt("the manifest has a wrong shape") from None


def _parse(document: dict[str, Any]) -> BackupManifest:
    if document["format"] != _FORMAT:
        raise ValueError("format")
    if document["version"] > _VERSION:
        raise StoreTooNew(f"backup version {document['version']}")
    sizes = {_safe(name): int(size) for name, size in document["files"]}
    if "store.db" not in sizes or min(sizes.values()) < 0:
        raise ValueError("files")
    key = Secret(bytearray.fromhex(document["database_key"]))
    return BackupManifest(str(document["profile"]), int(document["schema"]), key, sizes)


def _safe(name: str) -> str:
    # The file is authentic, but whoever sealed it need not be a friend: no path leaves the folder.
    digits = set(name) <= set("0123456789abcdef") and len(name) == _BLOB_NAME_DIGITS
    if name != "store.db" and not digits:
        raise ValueError("name")
    return name
