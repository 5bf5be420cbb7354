"""
Creating and opening profiles: the order in which keys, folder, database and history come together.

Opening never creates, creating never overwrites.
"""

import os
import secrets
import shutil
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from homeward_store import files, keyslots
from homeward_store.engine import Engine, create_database, open_database
from homeward_store.errors import ProfileExists, StoreCorrupt
from homeward_store.folder import Folder
from homeward_store.keys import Argon2Cost, calibrated
from homeward_store.keyslots import KeyFile
from homeward_store.migrations import migrate
from homeward_store.profile import Clock, Profile, now
from homeward_store.records import to_micros
from homeward_store.secret import Secret
from homeward_store.unlocking import Passphrase, RecoveryCode, Unlock


@dataclass(frozen=True, slots=True, eq=False)
class Created:
    """A new profile, open, and the code that opens it when everything else is lost."""

    profile: Profile
    recovery_code: RecoveryCode


def create_profile(
    directory: Path | str,
    *,
    unlock: Sequence[Passphrase | Unlock],
    cost: Argon2Cost | None = None,
    clock: Clock = now,
) -> Created:
    """
    Make a new profile in a folder that does not exist yet, or is empty.

    `cost` is what a guess at the passphrase costs; by default as much as this machine computes in
    half a second.

    Guarantees:
        All or nothing: the folder appears whole. A recovery slot is always made.

    Raises:
        ProfileExists: the folder holds something. StoreUnwritable, StoreFull: it cannot be made.
        KeychainUnavailable: the keychain did not take its entry.
        ValueError: no way to unlock was given.
    """
    target = Path(directory)
    if not unlock:
        raise ValueError("a profile needs a passphrase or a keychain entry to unlock it with")
    if target.exists() and (not target.is_dir() or any(target.iterdir())):
        raise ProfileExists(f"{target.name} exists already")
    staging = target.with_name(f".{target.name}.{secrets.token_hex(4)}{files.PARTIAL}")
    code = RecoveryCode.random()
    with files.translated(target):
        try:
            staging.mkdir(mode=files.PRIVATE_FOLDER, parents=True)
            _fill(Folder(staging), [*unlock, code], cost or calibrated(), clock)
            _appear(staging, target)
        finally:
            shutil.rmtree(staging, ignore_errors=True)
    return Created(open_profile(target, unlock=code, clock=clock), code)


def open_profile(directory: Path | str, *, unlock: Unlock, clock: Clock = now) -> Profile:
    """
    Open the profile in a folder.

    Guarantees:
        What a crash left half done is finished or removed; erasures that were pending are
        completed if nothing stands in their way.

    Raises:
        ProfileMissing, ProfileInUse, Locked, Damaged, StoreTooNew: see `errors`.
    """
    folder = Folder(Path(directory))
    folder.require()
    folder.lock()
    try:
        engine, file = _open_engine(folder, unlock)
        try:
            return _assemble(engine, folder, file, clock)
        except BaseException:
            engine.close()
            raise
    except BaseException:
        folder.unlock()
        raise


def _open_engine(folder: Folder, unlock: Unlock) -> tuple[Engine, KeyFile]:
    file = keyslots.read(folder.keyslots)
    master, _ = keyslots.open_slot(file, unlock)
    with master, keyslots.unwrap_database_key(file, master) as key:
        return open_database(folder.store(file.epoch), key), file


def _assemble(engine: Engine, folder: Folder, file: KeyFile, clock: Clock) -> Profile:
    migrate(engine)
    folder.sweep(epoch=file.epoch)
    identity, profile_id = _identity(engine)
    if profile_id != file.profile_id:
        raise StoreCorrupt("the database is not the one that the key file was made for")
    with identity:
        profile = Profile(engine, folder, profile_id=profile_id, identity=identity, clock=clock)
    profile.blobs.sweep()
    profile.settle()
    return profile


def _fill(folder: Folder, unlock: Sequence[Unlock], cost: Argon2Cost, clock: Clock) -> None:
    folder.blobs.mkdir(mode=files.PRIVATE_FOLDER)
    profile_id, created_at = secrets.token_hex(16), to_micros(clock())
    with Secret.random() as master, Secret.random() as key:
        engine = create_database(folder.store(1), key)
        try:
            migrate(engine)
            _write_identity(engine, profile_id)
            engine.checkpoint()
        finally:
            engine.close()
        slots = tuple(
            keyslots.make_slot(one, master, profile_id=profile_id, created_at=created_at, cost=cost)
            for one in unlock
        )
        wrapped = keyslots.wrap_database_key(key, master, profile_id=profile_id, epoch=1)
        keyslots.write(folder.keyslots, KeyFile(profile_id, 1, wrapped, slots), master)


def _write_identity(engine: Engine, profile_id: str) -> None:
    # From it come the ledger's and the receipts' keys. It lies in the database, so that it moves
    # with a backup to another machine and master key.
    rows: list[tuple[str, str | bytes]] = [
        ("profile", profile_id),
        ("identity", os.urandom(32)),
    ]
    engine.run_many("INSERT INTO meta(key, value) VALUES(?, ?)", rows)


def _identity(engine: Engine) -> tuple[Secret, str]:
    meta: dict[str, Any] = dict(engine.run("SELECT key, value FROM meta"))
    if not {"profile", "identity"} <= set(meta):
        raise StoreCorrupt("the database has lost its identity")
    return Secret(bytearray(meta["identity"])), meta["profile"]


def _appear(staging: Path, target: Path) -> None:
    if target.exists():
        target.rmdir()  # empty, as was checked
    staging.rename(target)
    files.sync_folder(target.parent)
