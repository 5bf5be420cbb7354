"""
Gives a profile's database a new key: copy → verify → swap.

Never `PRAGMA rekey`: on a full disk it answers "ok" and keeps the old key. Here the old database
stays until the key file, replaced in one step, names the new one.
"""

import contextlib
from dataclasses import replace

from homeward_store import files
from homeward_store.archive.backup import copy_under
from homeward_store.database.database import Database, open_database
from homeward_store.errors import StoreCorrupt, StoreError
from homeward_store.folder import Folder
from homeward_store.keys import keyslots
from homeward_store.keys.keyslots import KeyFile
from homeward_store.keys.unlocking import Unlock
from homeward_store.secret import Secret


def rotate(database: Database, folder: Folder, *, unlock: Unlock) -> None:
    """
    Move the open profile to a new database under a new key.

    Guarantees:
        After a crash or an error at any point the profile opens with everything that was
        committed: from the old file, or from the new one. Old copies of the database no longer
        open with the new key file; they still do with an old copy of the key file.

    Raises:
        Locked: `unlock` does not open. StoreFull, StoreUnwritable: the old database stays in use.
        StoreCorrupt: the copy does not read back whole; the old database stays in use.
    """
    file = keyslots.read(folder.keyslots)
    master, _ = keyslots.open_slot(file, unlock)
    epoch = file.epoch + 1
    with master, Secret.random() as key, database.held():
        folder.sweep(epoch=file.epoch)
        try:
            fresh = _verified_copy(database, folder, epoch, key)
        except BaseException:
            folder.sweep(epoch=file.epoch)
            raise
        try:
            _commit(folder, file, epoch, key, master)
        except BaseException:
            fresh.close()
            folder.sweep(epoch=file.epoch)
            raise
        database.become(fresh)
    folder.sweep(epoch=epoch)


def _verified_copy(database: Database, folder: Folder, epoch: int, key: Secret) -> Database:
    path = folder.store(epoch)
    copy_under(key, database, path)
    with files.translated(path):
        files.sync_file(path)
        files.sync_folder(folder.path)
    fresh = open_database(path, key)
    try:
        _compare(fresh, database)
    except BaseException:
        fresh.close()
        raise
    return fresh


def _compare(copy: Database, original: Database) -> None:
    copy.check()
    if copy.census() != original.census():
        raise StoreCorrupt("the copy does not hold the rows of the original")


def _commit(folder: Folder, file: KeyFile, epoch: int, key: Secret, master: Secret) -> None:
    wrapped = keyslots.wrap_database_key(key, master, profile_id=file.profile_id, epoch=epoch)
    try:
        keyslots.write(folder.keyslots, replace(file, epoch=epoch, database_key=wrapped), master)
    except StoreError:
        # The name may have changed before the error came: what the file says now decides.
        with contextlib.suppress(StoreError):
            if keyslots.read(folder.keyslots).epoch == epoch:
                return
        raise
