"""
Creates, opens and restores profiles: brings keys, folder, database and history together.

Opening never creates, creating never overwrites.
"""

import contextlib
import os
import secrets
import shutil
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from homeward_store import files
from homeward_store.archive import backup
from homeward_store.archive.sealed_file import Seal
from homeward_store.consent.consent import Clock
from homeward_store.consent.ledger_anchors import Anchor, FileAnchor, VaultAnchor
from homeward_store.database.database import Database, create_database, open_database
from homeward_store.database.migrations import migrate
from homeward_store.errors import InvalidValue, ProfileExists, StoreCorrupt
from homeward_store.folder import Folder
from homeward_store.keys import keyslots
from homeward_store.keys.key_derivation import Argon2Cost, calibrated
from homeward_store.keys.keyslots import KeyFile
from homeward_store.keys.process_memory import forbid_dumps
from homeward_store.keys.unlocking import Keychain, RecoveryCode, Unlock
from homeward_store.profile import Profile, now
from homeward_store.records import to_micros
from homeward_store.secret import Secret
from homeward_store.typed import typed

_FIRST_EPOCH = 1


@dataclass(frozen=True, slots=True, eq=False)
class CreatedProfile:
    """A new profile, open, and the code that opens it when everything else is lost."""

    profile: Profile
    recovery_code: RecoveryCode


@typed
def create_profile(
    directory: Path | str,
    *,
    unlock: Sequence[Unlock],
    cost: Argon2Cost | None = None,
    clock: Clock = now,
) -> CreatedProfile:
    """
    Make a new profile in a folder that does not exist yet, or is empty.

    `cost` is what a guess at the passphrase costs; by default as much as this machine computes in
    half a second.

    Guarantees:
        All or nothing: the folder appears whole. A recovery slot is always made.

    Raises:
        ProfileExists: the folder holds something. StoreUnwritable, StoreFull: it cannot be made.
        KeychainUnavailable: the keychain did not take its entry.
        InvalidValue: no way to unlock was given.
    """
    forbid_dumps()
    code = RecoveryCode.random()
    with _staged(Path(directory), unlock) as folder, Secret.random() as key:
        profile_id = secrets.token_hex(16)
        database = create_database(folder.store(_FIRST_EPOCH), key)
        try:
            migrate(database)
            _write_identity(database, profile_id)
            database.checkpoint()
        finally:
            database.close()
        _write_slots(folder, [*unlock, code], key, profile_id=profile_id, cost=cost, clock=clock)
    return CreatedProfile(open_profile(directory, unlock=code, clock=clock), code)


@typed
def open_profile(
    directory: Path | str,
    *,
    unlock: Unlock,
    anchor: Keychain | None = None,
    hardened: bool = False,
    clock: Clock = now,
) -> Profile:
    """
    Open the profile in a folder.

    `anchor` is a keychain that also keeps the ledger's end, so that an older copy of the whole
    folder is noticed; unlocking with a keychain implies it. `hardened` wipes and locks the
    library's memory, at the price of slow text search.

    Guarantees:
        What a crash left half done is finished or removed; erasures that were pending are
        completed if nothing stands in their way. From now on this process leaves no core dump,
        and no debugger attaches, unless `allow_debugger` was called before.

    Raises:
        ProfileMissing, ProfileInUse, Locked, Damaged, StoreTooNew: see `errors`.
    """
    forbid_dumps()
    folder = Folder(Path(directory))
    folder.require()
    folder.lock()
    try:
        database, file = _open_database(folder, unlock, hardened=hardened)
        try:
            outside = anchor or (unlock if isinstance(unlock, Keychain) else None)
            return _assemble(database, folder, file, outside, clock)
        except BaseException:
            database.close()
            raise
    except BaseException:
        folder.unlock()
        raise


def restore_profile(
    path: Path | str,
    directory: Path | str,
    *,
    seal: Seal,
    unlock: Sequence[Unlock],
    cost: Argon2Cost | None = None,
    clock: Clock = now,
) -> CreatedProfile:
    """
    Make a profile from a backup: the same person and identity, new keys, new ways in.

    Guarantees:
        All or nothing, as `create_profile`. The ledger notes that it was restored, as
        `Profile.accept_rollback` does: what was decided or spent after the backup is not in it, so
        consents, programs' rights and budgets have to be given anew.

    Raises:
        WrongSecret, SealedFileCorrupt, StoreTooNew: the backup does not open; see `backup`.
        ProfileExists: the folder holds something. InvalidValue: `unlock` names no way in.
    """
    forbid_dumps()
    code = RecoveryCode.random()
    with _staged(Path(directory), unlock) as folder, Secret.random() as key:
        manifest, unpacked = backup.read(Path(path), folder, seal=seal)
        try:
            unpacked.check()
            backup.copy_under(key, unpacked, folder.store(_FIRST_EPOCH))
        finally:
            unpacked.close()
            unpacked.path.unlink()
        _write_slots(
            folder, [*unlock, code], key, profile_id=manifest.profile_id, cost=cost, clock=clock
        )
    with contextlib.ExitStack() as undo:
        profile = undo.enter_context(open_profile(directory, unlock=code, clock=clock))
        profile.accept_rollback()
        undo.pop_all()
        return CreatedProfile(profile, code)


@contextlib.contextmanager
def _staged(target: Path, unlock: Sequence[Unlock]) -> Iterator[Folder]:
    """A folder to fill, which becomes `target` if nothing raises, and disappears otherwise."""
    if not unlock:
        raise InvalidValue("a profile needs a passphrase or a keychain entry to unlock it with")
    if target.exists() and (not target.is_dir() or any(target.iterdir())):
        raise ProfileExists(f"{target.name} exists already")
    staging = target.with_name(f".{target.name}.{secrets.token_hex(4)}{files.PARTIAL}")
    with files.translated(target):
        try:
            staging.mkdir(mode=files.PRIVATE_FOLDER, parents=True)
            folder = Folder(staging)
            folder.blobs.mkdir(mode=files.PRIVATE_FOLDER)
            yield folder
            if target.exists():
                target.rmdir()  # empty, as was checked
            staging.rename(target)
            files.sync_folder(target.parent)
        finally:
            shutil.rmtree(staging, ignore_errors=True)


def _write_slots(
    folder: Folder,
    unlock: Sequence[Unlock],
    key: Secret,
    *,
    profile_id: str,
    cost: Argon2Cost | None,
    clock: Clock,
) -> None:
    created_at, price = to_micros(clock()), cost or calibrated()
    with Secret.random() as master:
        slots = tuple(
            keyslots.make_slot(
                one, master, profile_id=profile_id, created_at=created_at, cost=price
            )
            for one in unlock
        )
        wrapped = keyslots.wrap_database_key(key, master, profile_id=profile_id, epoch=_FIRST_EPOCH)
        file = KeyFile(profile_id, _FIRST_EPOCH, wrapped, slots)
        keyslots.write(folder.keyslots, file, master)


def _open_database(folder: Folder, unlock: Unlock, *, hardened: bool) -> tuple[Database, KeyFile]:
    file = keyslots.read(folder.keyslots)
    master, _ = keyslots.open_slot(file, unlock)
    with master, keyslots.unwrap_database_key(file, master) as key:
        return open_database(folder.store(file.epoch), key, hardened=hardened), file


def _assemble(
    database: Database, folder: Folder, file: KeyFile, outside: Keychain | None, clock: Clock
) -> Profile:
    migrate(database)
    folder.tidy(epoch=file.epoch)
    identity, profile_id = _identity(database)
    if profile_id != file.profile_id:
        raise StoreCorrupt("the database is not the one that the key file was made for")
    anchors: list[Anchor] = [FileAnchor(folder.anchor)]
    if outside is not None:
        anchors.append(VaultAnchor(outside.vault, outside.service, profile_id))
    with identity:
        profile = Profile(
            database,
            folder,
            profile_id=profile_id,
            identity=identity,
            anchors=anchors,
            clock=clock,
        )
    profile.blobs.sweep()
    profile.settle()
    return profile


def _write_identity(database: Database, profile_id: str) -> None:
    # From it come the ledger's and the receipts' keys. It lies in the database, so that it moves
    # with a backup to another machine and master key.
    rows: list[tuple[str, str | bytes]] = [
        ("profile", profile_id),
        ("identity", os.urandom(32)),
    ]
    database.run_many("INSERT INTO meta(key, value) VALUES(?, ?)", rows)


def _identity(database: Database) -> tuple[Secret, str]:
    meta: dict[str, Any] = dict(database.run("SELECT key, value FROM meta"))
    if not {"profile", "identity"} <= set(meta):
        raise StoreCorrupt("the database has lost its identity")
    return Secret(bytearray(meta["identity"])), meta["profile"]
