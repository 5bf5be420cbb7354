"""
An open profile joins the parts of the store to one object and closes them.

The store's composition root. Opening and creating are in `opening`; what a part does is in the
part's own module.
"""

import contextlib
from collections.abc import Callable, Iterable, Iterator, Sequence
from datetime import UTC, datetime
from enum import Enum
from functools import partial
from pathlib import Path
from typing import NoReturn, Self

from homeward_store import doctor, files
from homeward_store.archive import backup, export_import, rotation, sealed_file
from homeward_store.archive.sealed_file import Content, Seal
from homeward_store.consent.clients import Clients
from homeward_store.consent.consent import Clock, Consent, Purpose
from homeward_store.consent.ledger import Ledger, LedgerEntry
from homeward_store.consent.ledger_anchors import Anchor
from homeward_store.consent.privacy_spending import Spending
from homeward_store.database.database import Database
from homeward_store.doctor import Finding
from homeward_store.erasure import selection
from homeward_store.erasure.eraser import Eraser
from homeward_store.erasure.receipts import Receipt, Signer
from homeward_store.erasure.selection import Plan, Selection
from homeward_store.errors import WrongType
from homeward_store.folder import Folder
from homeward_store.keys.handles import Handles
from homeward_store.keys.key_derivation import Argon2Cost, calibrated, subkey
from homeward_store.keys.slots import Slots
from homeward_store.keys.unlocking import Unlock
from homeward_store.repositories.blobs import Blobs
from homeward_store.repositories.consented_reads import Reading, reading
from homeward_store.repositories.embeddings import Embeddings
from homeward_store.repositories.erased_since import Erasures
from homeward_store.repositories.import_log import Imported
from homeward_store.repositories.settings import SettingsRepository
from homeward_store.repositories.watched import Watched
from homeward_store.secret import Secret
from homeward_store.spool import Spool
from homeward_store.typed import doors


class Acknowledged(Enum):
    """The sentence that a caller must pass to allow something dangerous."""

    ANYONE_CAN_READ_THIS_FILE = "anyone can read this file"


def now() -> datetime:
    """The present moment, UTC."""
    return datetime.now(UTC)


@doors
class Profile:
    """
    Everything that is known of one person, open for reading and writing.

    Guarantees:
        Safe to use from several threads, one call at a time. What a method returned is on disk.
        One process holds a profile at a time; a fork of it cannot use it.
    """

    def __init__(
        self,
        database: Database,
        folder: Folder,
        *,
        profile_id: str,
        identity: Secret,
        anchors: Sequence[Anchor],
        clock: Clock,
    ) -> None:
        self.id = profile_id
        self._database, self._folder = database, folder
        self._ledger_key = subkey(identity, "homeward/ledger")
        self._ledger = Ledger(database, key=self._ledger_key, anchors=anchors, clock=clock)
        self._ledger.begin()
        self._embeddings = Embeddings(database)
        self.consent = Consent(self._ledger)
        self._reading = partial(
            reading, database, clock=clock, embeddings=self._embeddings, consent=self.consent
        )
        own = self._reading(purpose=None)
        self.attributes, self.turns, self.writings = own.attributes, own.turns, own.writings
        self.choices, self.notes, self.memories = own.choices, own.notes, own.memories
        self.erasures = Erasures(database)
        self.blobs = Blobs(database, folder, clock=clock, erasures=self.erasures)
        self.spending = Spending(database, self._ledger)
        self.clients = Clients(database, self._ledger)
        self.slots = Slots(folder, clock=clock)
        self.settings = SettingsRepository(database)
        self.imported = Imported(database, clock=clock)
        self.watched = Watched(database, imported=self.imported, clock=clock)
        self.handles = Handles(identity)
        self._forgetting = Eraser(
            database,
            profile_id=profile_id,
            signer=Signer(identity),
            embeddings=self._embeddings,
            blobs=self.blobs,
            erasures=self.erasures,
            clock=clock,
        )

    @property
    def path(self) -> Path:
        """The profile's folder."""
        return self._folder.path

    def spool(self, pieces: Iterable[bytes]) -> Spool:
        """
        Keep a stream on the disk, encrypted, until the spool is closed or the process ends.

        Raises:
            StoreFull, StoreUnwritable: nothing of it is left.
        """
        return Spool(self.path, pieces)

    def reading_for(self, purpose: Purpose, *, task: str = "") -> Reading:
        """
        The data as this purpose may read it; consent is asked for at every read.

        `task` is what is contributed to, for the purpose of contributing only.
        """
        return self._reading(purpose=purpose, task=task)

    @contextlib.contextmanager
    def transaction(self) -> Iterator[None]:
        """Several writes, one commit: all of them or none."""
        with self._database.transaction():
            yield

    def after_commit(self, action: Callable[[], None]) -> None:
        """Call `action` once the transaction that is open has been committed; never otherwise."""
        self._database.after_commit(action)

    def plan(self, what: Selection) -> Plan:
        """Return what `forget` would erase, without changing anything."""
        return selection.plan(self._database, what)

    def forget(self, what: Selection) -> Receipt:
        """
        Erase so that it cannot come back, and return the signed receipt.

        Guarantees:
            See `Receipt`: COMPLETE is only said when it is so. What was derived from the erased is
            shredded and waits in `blobs.stale()` to be derived anew.
        """
        return self._forgetting.forget(what)

    def receipts(self) -> list[Receipt]:
        """Every receipt, oldest first."""
        return self._forgetting.receipts()

    def settle(self) -> list[Receipt]:
        """Try to complete pending erasures; returns those that are still pending."""
        return self._forgetting.settle()

    def rotate(self, *, unlock: Unlock) -> None:
        """Give the database a new key; see `rotation.rotate`."""
        rotation.rotate(self._database, self._folder, unlock=unlock)

    def backup(self, path: Path | str, *, seal: Seal, cost: Argon2Cost | None = None) -> None:
        """
        Write everything into one file that `seal` opens, on any machine.

        Raises:
            StoreFull, StoreUnwritable: no file was written.
        """
        backup.write(
            self._database,
            self._folder,
            Path(path),
            profile_id=self.id,
            seal=seal,
            cost=cost or calibrated(),
        )

    def export(self, path: Path | str, *, seal: Seal, cost: Argon2Cost | None = None) -> None:
        """Write the person's records, in a documented form, into a file that `seal` opens."""
        with self._database.held():
            lines = export_import.lines(self._database)
            sealed_file.write(
                Path(path), lines, content=Content.EXPORT, seal=seal, cost=cost or calibrated()
            )

    def export_plaintext(self, path: Path | str, *, acknowledge: Acknowledged) -> None:
        """
        Write the person's records where anyone who gets the file can read them.

        Raises:
            WrongType: `acknowledge` is missing. StoreFull, StoreUnwritable: nothing was written.
        """
        if acknowledge is not Acknowledged.ANYONE_CAN_READ_THIS_FILE:
            raise WrongType("a plaintext export needs an acknowledgement")
        with self._database.held():
            files.write_durably(Path(path), b"".join(export_import.lines(self._database)))

    def import_records(self, path: Path | str, *, seal: Seal) -> int:
        """
        Add the records of an export to this profile, all or none; returns how many.

        Raises:
            WrongSecret, SealedFileCorrupt, StoreTooNew: nothing was added.
        """
        target = Path(path)
        with files.translated(target), target.open("rb") as file:
            content = sealed_file.read(file, content=Content.EXPORT, seal=seal)
            return export_import.import_lines(self._database, self._embeddings, content.lines())

    def check(self) -> None:
        """
        Check every page, every link and the ledger.

        Raises:
            StoreCorrupt, RollbackDetected: what is wrong.
        """
        self._database.check()
        self._ledger.verify()

    def ledger_entries(self) -> list[LedgerEntry]:
        """Every decision and privacy cost on the ledger, oldest first, unchecked."""
        return self._ledger.entries()

    def verify_ledger(self) -> None:
        """
        Check the ledger alone: every entry, and its end.

        Raises:
            RollbackDetected: an entry was changed or is missing, or the end was lost.
        """
        self._ledger.verify()

    def accept_rollback(self) -> None:
        """
        Accept the present state after `RollbackDetected`; only the person can decide that.

        What the lost entries took back or spent is not known any more. So no consent counts, no
        program may do anything and every budget is nothing, until the person decides again.
        """
        self._ledger.accept_rollback()

    def examine(self) -> list[Finding]:
        """Every check of the doctor, each with its outcome. Redacted; changes nothing."""
        return doctor.examine(
            self._database,
            self._folder,
            ledger=self._ledger,
            blobs=self.blobs,
            forgetting=self._forgetting,
        )

    def close(self) -> None:
        """Close the database and let others in. Closing twice is fine."""
        self._database.close()
        self._ledger_key.wipe()
        self._folder.unlock()

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def __repr__(self) -> str:
        return f"<Profile {self.id}>"

    def __reduce__(self) -> NoReturn:
        raise TypeError("an open profile cannot be pickled or copied")
