"""
Erases records beyond recovery: delete → checkpoint → verify → receipt.

Knows which rows hang on which; what is taken, `selection` has planned. Knows pages only through
the database's checkpoint.
"""

from collections.abc import Callable, Iterator
from dataclasses import replace
from datetime import datetime

from homeward_store.database.database import Database
from homeward_store.erasure import receipts
from homeward_store.erasure.passages import black_out
from homeward_store.erasure.receipts import Erasure, Receipt, Signer
from homeward_store.erasure.selection import Plan, Selection, batches, plan as planned
from homeward_store.records import MemoryId, SourceKind
from homeward_store.repositories import import_log, learned_states, watched
from homeward_store.repositories.blobs import Blobs
from homeward_store.repositories.embeddings import Embeddings
from homeward_store.repositories.erased_since import Erasures

Counts = tuple[tuple[str, int], ...]


class Eraser:
    """Erases from one profile."""

    def __init__(
        self,
        database: Database,
        *,
        profile_id: str,
        signer: Signer,
        embeddings: Embeddings,
        blobs: Blobs,
        erasures: Erasures,
        clock: Callable[[], datetime],
    ) -> None:
        self._database = database
        self._profile_id = profile_id
        self._signer = signer
        self._embeddings = embeddings
        self._blobs = blobs
        self._erasures = erasures
        self._clock = clock

    def forget(self, selection: Selection) -> Receipt:
        """
        Erase what was selected and all that follows from it.

        Guarantees:
            The deletion is one transaction. The receipt is COMPLETE only when no page and no log
            of the profile still holds what was deleted; otherwise PENDING, and `settle` or the
            next opening of the profile completes it.
        """
        with self._database.transaction():
            plan = planned(self._database, selection)
            self._erasures.note((kind, one) for kind, ids in plan.changed().items() for one in ids)
            receipt = self._delete(plan)
            if selection.everything:
                import_log.destroy(self._database)
                watched.destroy(self._database)
            self._database.after_commit(self._blobs.sweep)
        self._embeddings.discard([MemoryId(one) for one in plan.memories])
        return self._settle_one(receipt)

    def settle(self) -> list[Receipt]:
        """Try to complete what is pending, and return the receipts that still are."""
        tried = [self._settle_one(one) for one in self.receipts() if one.state is Erasure.PENDING]
        return [receipt for receipt in tried if receipt.state is Erasure.PENDING]

    def receipts(self) -> list[Receipt]:
        """Every receipt, oldest first."""
        rows = self._database.run("SELECT id, body, complete, signature FROM receipt ORDER BY id")
        return [
            receipts.parse(
                body, number=number, complete=bool(complete), signature=(signature or b"").hex()
            )
            for number, body, complete, signature in rows
        ]

    def _delete(self, plan: Plan) -> Receipt:
        for kind in (SourceKind.TURN, SourceKind.NOTE, SourceKind.CHOICE, SourceKind.WRITING):
            self._drop_context(kind, plan)
        for span in plan.redactions:
            black_out(self._database, span)
        for marks, some in batches(sorted(plan.titles)):
            self._database.run(f"UPDATE writing SET title = NULL WHERE id IN ({marks})", some)  # noqa: S608
        self._empty(plan.replies)
        stale = self._shred(plan)
        # Memories and choices before what they point to.
        for kind in (SourceKind.MEMORY, SourceKind.CHOICE, *_POINTED_TO):
            for marks, some in batches(sorted(plan.of(kind))):
                self._database.run(f"DELETE FROM {kind.value} WHERE id IN ({marks})", some)  # noqa: S608
        for kind in SourceKind:
            self._unlink(plan, kind, "turn_used", "kind", "used")
            self._unlink(plan, kind, "turn_withheld", "kind", "item")
        learned_states.sweep(self._database)
        self._database.run_many("DELETE FROM setting WHERE key = ?", [(k,) for k in plan.settings])
        self._database.run(
            "DELETE FROM conversation WHERE id NOT IN (SELECT conversation FROM turn)"
        )
        return self._draw_up(plan.counts(), stale)

    def _drop_context(self, kind: SourceKind, plan: Plan) -> None:
        sources = plan.changed()[kind]
        for marks, some in batches(sorted(sources)):
            self._database.run(
                "UPDATE memory SET context = '', context_forms = '',"  # noqa: S608
                " context_kind = NULL, context_id = NULL, context_start = NULL, context_end = NULL"
                f" WHERE context_kind = ? AND context_id IN ({marks})",
                (kind.value, *some),
            )

    def _empty(self, replies: frozenset[int]) -> None:
        for marks, some in batches(sorted(replies)):
            self._database.run(
                f"UPDATE turn SET replied = '', complete = 0 WHERE id IN ({marks})",  # noqa: S608
                some,
            )

    def _shred(self, plan: Plan) -> Counts:
        derived = set[int]()
        for kind, changed in plan.changed().items():
            derived.update(self._derived_from(kind, changed))
            learned_states.erase(self._database, kind, changed)
            self._unlink(plan, kind, "derived_from", "source_kind", "source_id")
        shredded: dict[str, int] = {}
        for blob in sorted(derived):
            rows = self._database.run(
                "UPDATE blob SET file_key = NULL, file_name = NULL, size = 0"
                " WHERE id = ? AND file_key IS NOT NULL RETURNING kind",
                (blob,),
            )
            for (name,) in rows:
                shredded[name] = shredded.get(name, 0) + 1
        return tuple(sorted(shredded.items()))

    def _derived_from(self, kind: SourceKind, changed: set[int]) -> Iterator[int]:
        for marks, some in batches(sorted(changed)):
            rows = self._database.run(
                "SELECT blob FROM derived_from"  # noqa: S608
                f" WHERE source_kind = ? AND source_id IN ({marks})",
                (kind.value, *some),
            )
            yield from (blob for (blob,) in rows)

    def _unlink(
        self, plan: Plan, kind: SourceKind, table: str, kind_column: str, id_column: str
    ) -> None:
        for marks, some in batches(sorted(plan.of(kind))):
            self._database.run(
                f"DELETE FROM {table} WHERE {kind_column} = ? AND {id_column} IN ({marks})",  # noqa: S608
                (kind.value, *some),
            )

    def _draw_up(self, erased: Counts, stale: Counts) -> Receipt:
        number = self._database.insert("INSERT INTO receipt(body, complete) VALUES('{}', 0)", ())
        receipt = Receipt(
            id=number,
            profile_id=self._profile_id,
            at=self._clock(),
            state=Erasure.PENDING,
            erased=erased,
            stale=stale,
            public_key=self._signer.public_key,
            signature="",
        )
        body = receipts.signed_bytes(receipt).decode()
        self._database.run("UPDATE receipt SET body = ? WHERE id = ?", (body, number))
        return receipt

    def _settle_one(self, receipt: Receipt) -> Receipt:
        if self._database.in_transaction or not self._database.rewrite():
            return receipt
        if not self._database.checkpoint():
            return receipt
        done = replace(receipt, state=Erasure.COMPLETE)
        done = replace(done, signature=self._signer.sign(done))
        self._database.run(
            "UPDATE receipt SET complete = 1, signature = ? WHERE id = ?",
            (bytes.fromhex(done.signature), done.id),
        )
        return done


_POINTED_TO = (SourceKind.ATTRIBUTE, SourceKind.TURN, SourceKind.WRITING, SourceKind.NOTE)
