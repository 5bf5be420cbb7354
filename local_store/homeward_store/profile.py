"""
An open profile: joins the parts to one object and closes them again. The store's composition root.

Opening and creating are in `opening`; everything that a part does is in the part's own module.
"""

import contextlib
from collections.abc import Callable, Iterator
from datetime import UTC, datetime
from pathlib import Path
from types import TracebackType
from typing import NoReturn, Self

from homeward_store import keys, selection
from homeward_store.attributes import Attributes
from homeward_store.blobs import Blobs
from homeward_store.choices import Choices
from homeward_store.consent import Consent
from homeward_store.embeddings import Embeddings
from homeward_store.engine import Engine
from homeward_store.folder import Folder
from homeward_store.forgetting import Forgetting
from homeward_store.ledger import Ledger
from homeward_store.memories import Memories
from homeward_store.receipts import Receipt, Signer
from homeward_store.secret import Secret
from homeward_store.selection import Plan, Selection
from homeward_store.turns import Turns
from homeward_store.writings import Notes, Writings

Clock = Callable[[], datetime]


def now() -> datetime:
    """The present moment, UTC."""
    return datetime.now(UTC)


class Profile:
    """
    Everything that is known of one person, open for reading and writing.

    Guarantees:
        Safe to use from several threads, one call at a time. What a method returned is on disk.
        One process holds a profile at a time; a fork of it cannot use it.
    """

    def __init__(
        self, engine: Engine, folder: Folder, *, profile_id: str, identity: Secret, clock: Clock
    ) -> None:
        self.id = profile_id
        self._engine = engine
        self._folder = folder
        embeddings = Embeddings(engine)
        self._ledger_key = keys.subkey(identity, "homeward/ledger")
        self._ledger = Ledger(engine, key=self._ledger_key, anchor=folder.anchor, clock=clock)
        self.attributes = Attributes(engine, clock=clock)
        self.turns = Turns(engine, clock=clock)
        self.writings = Writings(engine, clock=clock)
        self.choices = Choices(engine, clock=clock)
        self.notes = Notes(engine, clock=clock)
        self.memories = Memories(engine, clock=clock, embeddings=embeddings)
        self.blobs = Blobs(engine, folder, clock=clock)
        self.consent = Consent(self._ledger)
        self._forgetting = Forgetting(
            engine,
            profile_id=profile_id,
            signer=Signer(identity),
            embeddings=embeddings,
            blobs=self.blobs,
            clock=clock,
        )

    @property
    def path(self) -> Path:
        """The profile's folder."""
        return self._folder.path

    @contextlib.contextmanager
    def transaction(self) -> Iterator[None]:
        """Several writes, one commit: all of them or none."""
        with self._engine.transaction():
            yield

    def plan(self, what: Selection) -> Plan:
        """What `forget` would take; shows and changes nothing."""
        return selection.plan(self._engine, what)

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

    def check(self) -> None:
        """
        Check every page, every link and the ledger.

        Raises:
            StoreCorrupt, RollbackDetected: what is wrong.
        """
        self._engine.check()
        self._ledger.verify()

    def close(self) -> None:
        """Close the database and let others in. Closing twice is fine."""
        self._engine.close()
        self._ledger_key.wipe()
        self._folder.unlock()

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self.close()

    def __repr__(self) -> str:
        return f"<Profile {self.id}>"

    def __reduce__(self) -> NoReturn:
        raise TypeError("an open profile cannot be pickled or copied")
