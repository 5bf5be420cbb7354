"""
The ledger is one append-only chain that shows when an entry was changed or removed.

Knows entries, their MAC chain and their anchors; not what an entry means. An encrypted database has
no freshness: an older copy of a page, of the file, or a shortened log opens without complaint. The
chain shows a hole or a changed entry; an anchor outside shows a lost end.
"""

import contextlib
import hashlib
import hmac
import json
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from homeward_store.consent.ledger_anchors import Anchor, FileAnchor
from homeward_store.database.database import Database
from homeward_store.errors import AnchorMissing, CommitsLost, RollbackDetected, StoreError
from homeward_store.keys.key_derivation import subkey
from homeward_store.records import from_micros, to_micros
from homeward_store.secret import Secret

_FORMAT = "homeward-anchor"
_VERSION = 1
_GENESIS = bytes(32)  # stands for the entry before the first
_ROLLBACK = "rollback"  # the kind of entry with which the person accepts that others may be lost
_PLACE = "anchored/"  # begins the key of `meta` that notes a place with an anchor


@dataclass(frozen=True, slots=True)
class LedgerEntry:
    """One line of the ledger."""

    sequence: int
    at: datetime
    kind: str
    body: Mapping[str, Any]


class Ledger:
    """Keeps the append-only ledger of one profile."""

    def __init__(
        self,
        database: Database,
        *,
        key: Secret,
        anchors: Sequence[Anchor],
        clock: Callable[[], datetime],
    ) -> None:
        self._database = database
        self._key = key
        self._anchors = anchors
        self._clock = clock

    def append(self, kind: str, body: Mapping[str, Any]) -> LedgerEntry:
        """
        Add an entry; the anchors follow once the transaction has committed.

        Guarantees:
            An anchor that the ledger contradicts stays as it is, so that adding to a ledger that
            was rolled back does not hide it. (A person can always withdraw consent.)
        """
        with self._database.transaction():
            sequence, before = self._head()
            at, text = to_micros(self._clock()), _canonical(body)
            mac = self._mac(before, sequence + 1, at, kind, text)
            self._database.run(
                "INSERT INTO ledger(sequence, at, kind, body, mac) VALUES(?, ?, ?, ?, ?)",
                (sequence + 1, at, kind, text, mac),
            )
            self._database.after_commit(self._advance)
        return LedgerEntry(sequence + 1, from_micros(at), kind, dict(body))

    def entries(self, *kinds: str) -> list[LedgerEntry]:
        """The entries of some kinds, or all of them, oldest first."""
        among = f"WHERE kind IN ({','.join('?' * len(kinds))})" if kinds else ""
        rows = self._database.run(
            f"SELECT sequence, at, kind, body FROM ledger {among} ORDER BY sequence",  # noqa: S608
            kinds,
        )
        return [_entry(row) for row in rows]

    def latest(self, kind: str, **fields: str) -> LedgerEntry | None:
        """The newest entry of a kind whose body has these fields."""
        rows = self._database.run(
            "SELECT sequence, at, kind, body FROM ledger WHERE kind = ?"  # noqa: S608
            + "".join(" AND json_extract(body, ?) = ?" for _ in fields)
            + " ORDER BY sequence DESC LIMIT 1",
            (kind, *(part for name, value in fields.items() for part in (f"$.{name}", value))),
        )
        return _entry(rows[0]) if rows else None

    def begin(self) -> None:
        """Write the anchors that this ledger never had: of a new profile, or a new keychain."""
        for anchor in self._anchors:
            with contextlib.suppress(StoreError):  # nothing was entered yet: next time will do
                if anchor.read() is None and not self._needs(anchor):
                    self._vouch(anchor)

    def stands(self, entry: LedgerEntry) -> bool:
        """
        Whether a yes still counts: not where a rollback was accepted after it.

        Entries that are lost may have taken it back.
        """
        accepted = self.latest(_ROLLBACK)
        return accepted is None or accepted.sequence < entry.sequence

    def accept_rollback(self) -> None:
        """Note that entries may be lost, and let every anchor vouch for what is here now."""
        self.append(_ROLLBACK, {})
        with self._database.transaction():
            self._database.run("DELETE FROM meta WHERE key GLOB ?", (f"{_PLACE}*",))
        for anchor in self._anchors:
            self._vouch(anchor)

    def verify(self) -> None:
        """
        Check every entry and every anchor.

        Raises:
            RollbackDetected: an entry was changed or is missing, or another history was put back.
            CommitsLost: the chain is whole, but ends before an anchor.
            AnchorMissing: there was an anchor, and it is gone: the end may be, too.
            KeychainUnavailable: an anchor is there and cannot be read now.
        """
        before = _GENESIS
        rows = self._database.run(
            "SELECT sequence, at, kind, body, mac FROM ledger ORDER BY sequence"
        )
        for expected, (sequence, at, kind, body, mac) in enumerate(rows, 1):
            before = self._mac(before, expected, at, kind, body)
            if sequence != expected or not hmac.compare_digest(mac, before):
                raise RollbackDetected(f"ledger entry {expected} does not follow the one before")
        self.verify_end()

    def verify_end(self) -> None:
        """Check only that the ledger contains what the anchors vouch for; raises as `verify`."""
        for anchor in self._anchors:
            self._compare(anchor)

    def _advance(self) -> None:
        for anchor in self._anchors:
            try:
                self._compare(anchor)
            except RollbackDetected:
                continue
            self._vouch(anchor)

    def _vouch(self, anchor: Anchor) -> None:
        anchor.write(self._statement())
        if not self._is_noted(anchor):
            self._database.run(
                "INSERT INTO meta(key, value) VALUES(?, 1) ON CONFLICT DO NOTHING",
                (f"{_PLACE}{anchor.place}",),
            )

    def _needs(self, anchor: Anchor) -> bool:
        # The file is there from the beginning: a ledger with entries had it, noted or not.
        had_file = anchor.place == FileAnchor.place and self._head()[0] > 0
        return had_file or self._is_noted(anchor)

    def _is_noted(self, anchor: Anchor) -> bool:
        key = f"{_PLACE}{anchor.place}"
        return bool(self._database.run("SELECT 1 FROM meta WHERE key = ?", (key,)))

    def _compare(self, anchor: Anchor) -> None:
        text = anchor.read()
        if text is None:
            if self._needs(anchor):
                raise AnchorMissing(f"the ledger's anchor in the {anchor.place} is missing")
            return
        sequence, mac = self._parse(text)
        rows = self._database.run("SELECT mac FROM ledger WHERE sequence = ?", (sequence,))
        if sequence and not rows:
            raise CommitsLost(f"the ledger ends before entry {sequence}, which its anchor knows")
        if sequence and not hmac.compare_digest(rows[0][0], mac):
            raise RollbackDetected(f"ledger entry {sequence} is not the one its anchor knows")

    def _head(self) -> tuple[int, bytes]:
        rows = self._database.run("SELECT sequence, mac FROM ledger ORDER BY sequence DESC LIMIT 1")
        return (rows[0][0], rows[0][1]) if rows else (0, _GENESIS)

    def _mac(self, before: bytes, sequence: int, at: int, kind: str, body: str) -> bytes:
        line = _canonical([sequence, at, kind, body]).encode()
        return hmac.new(self._key.expose(), before + line, hashlib.sha256).digest()

    def _statement(self) -> str:
        sequence, mac = self._head()
        document = {
            "format": _FORMAT,
            "version": _VERSION,
            "sequence": sequence,
            "mac": mac.hex(),
            "seal": self._seal(sequence, mac).hex(),
        }
        return _canonical(document)

    def _parse(self, text: str) -> tuple[int, bytes]:
        try:
            document = json.loads(text)
            sequence, mac = int(document["sequence"]), bytes.fromhex(document["mac"])
            seal = bytes.fromhex(document["seal"])
        except (ValueError, KeyError, TypeError, RecursionError):
            raise RollbackDetected("the ledger's anchor cannot be read") from None
        if not hmac.compare_digest(seal, self._seal(sequence, mac)):
            raise RollbackDetected("the ledger's anchor is not this profile's")
        return sequence, mac

    def _seal(self, sequence: int, mac: bytes) -> bytes:
        with subkey(self._key, "homeward/ledger/anchor") as key:
            line = _canonical([_FORMAT, _VERSION, sequence, mac.hex()]).encode()
            return hmac.new(key.expose(), line, hashlib.sha256).digest()


def _entry(row: Sequence[Any]) -> LedgerEntry:
    sequence, at, kind, body = row
    return LedgerEntry(sequence, from_micros(at), kind, json.loads(body))


def _canonical(value: object) -> str:
    return json.dumps(value, sort_keys=True, separators=(",", ":"), ensure_ascii=False)
