"""
One append-only chain for every promise that must not be taken back unseen.

Knows entries, their MAC chain and the anchor outside the database; not what an entry means. An
encrypted database has no freshness: an older copy of a page, of the file, or a shortened log opens
without complaint. The chain shows a hole or a changed entry; the anchor shows a lost end.
"""

import hashlib
import hmac
import json
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Any

from homeward_store import files, keys
from homeward_store.engine import Engine
from homeward_store.errors import CommitsLost, Damaged, RollbackDetected
from homeward_store.records import from_micros, to_micros
from homeward_store.secret import Secret

_FORMAT = "homeward-anchor"
_VERSION = 1
_GENESIS = bytes(32)  # stands for the entry before the first


@dataclass(frozen=True, slots=True)
class Entry:
    """One line of the ledger."""

    sequence: int
    at: datetime
    kind: str
    body: Mapping[str, Any]


class Ledger:
    """The ledger of one profile."""

    def __init__(
        self, engine: Engine, *, key: Secret, anchor: Path, clock: Callable[[], datetime]
    ) -> None:
        self._engine = engine
        self._key = key
        self._anchor = anchor
        self._clock = clock

    def append(self, kind: str, body: Mapping[str, Any]) -> Entry:
        """
        Add an entry; the anchor follows once the transaction has committed.

        Raises:
            RollbackDetected: the ledger was rolled back. Nothing more is built upon it.
        """
        with self._engine.transaction():
            self.verify_end()
            sequence, before = self._head()
            at, text = to_micros(self._clock()), _canonical(body)
            mac = self._mac(before, sequence + 1, at, kind, text)
            self._engine.run(
                "INSERT INTO ledger(sequence, at, kind, body, mac) VALUES(?, ?, ?, ?, ?)",
                (sequence + 1, at, kind, text, mac),
            )
            self._engine.after_commit(self._drop_anchor)
        return Entry(sequence + 1, from_micros(at), kind, dict(body))

    def entries(self, kind: str) -> list[Entry]:
        """The entries of one kind, oldest first."""
        rows = self._engine.run(
            "SELECT sequence, at, body FROM ledger WHERE kind = ? ORDER BY sequence", (kind,)
        )
        return [Entry(number, from_micros(at), kind, json.loads(body)) for number, at, body in rows]

    def verify(self) -> None:
        """
        Check every entry and the anchor.

        Raises:
            RollbackDetected: an entry was changed or is missing, or another history was put back.
            CommitsLost: the chain is whole, but ends before the anchor.
        """
        before = _GENESIS
        rows = self._engine.run(
            "SELECT sequence, at, kind, body, mac FROM ledger ORDER BY sequence"
        )
        for expected, (sequence, at, kind, body, mac) in enumerate(rows, 1):
            before = self._mac(before, expected, at, kind, body)
            if sequence != expected or not hmac.compare_digest(mac, before):
                raise RollbackDetected(f"ledger entry {expected} does not follow the one before")
        self.verify_end()

    def verify_end(self) -> None:
        """Check only that the ledger contains what the anchor vouches for; raises as `verify`."""
        anchored = self._read_anchor()
        if anchored is None:
            return
        sequence, mac = anchored
        rows = self._engine.run("SELECT mac FROM ledger WHERE sequence = ?", (sequence,))
        if not rows:
            raise CommitsLost(f"the ledger ends before entry {sequence}, which its anchor knows")
        if not hmac.compare_digest(rows[0][0], mac):
            raise RollbackDetected(f"ledger entry {sequence} is not the one its anchor knows")

    @property
    def is_anchored(self) -> bool:
        """Whether an anchor exists; without one a rollback of everything goes unseen."""
        return self._anchor.exists()

    def _head(self) -> tuple[int, bytes]:
        rows = self._engine.run("SELECT sequence, mac FROM ledger ORDER BY sequence DESC LIMIT 1")
        return rows[0] if rows else (0, _GENESIS)

    def _mac(self, before: bytes, sequence: int, at: int, kind: str, body: str) -> bytes:
        line = _canonical([sequence, at, kind, body]).encode()
        return hmac.new(self._key.expose(), before + line, hashlib.sha256).digest()

    def _drop_anchor(self) -> None:
        sequence, mac = self._head()
        document = {
            "format": _FORMAT,
            "version": _VERSION,
            "sequence": sequence,
            "mac": mac.hex(),
            "seal": self._seal(sequence, mac).hex(),
        }
        files.write_durably(self._anchor, json.dumps(document, indent=1).encode())

    def _read_anchor(self) -> tuple[int, bytes] | None:
        try:
            document = json.loads(self._anchor.read_bytes())
            sequence, mac = int(document["sequence"]), bytes.fromhex(document["mac"])
            seal = bytes.fromhex(document["seal"])
        except FileNotFoundError:
            return None
        except (ValueError, KeyError, TypeError, RecursionError):
            raise Damaged("the ledger's anchor cannot be read") from None
        if not hmac.compare_digest(seal, self._seal(sequence, mac)):
            raise Damaged("the ledger's anchor is not this profile's")
        return sequence, mac

    def _seal(self, sequence: int, mac: bytes) -> bytes:
        with keys.subkey(self._key, "homeward/ledger/anchor") as key:
            line = _canonical([_FORMAT, _VERSION, sequence, mac.hex()]).encode()
            return hmac.new(key.expose(), line, hashlib.sha256).digest()


def _canonical(value: object) -> str:
    return json.dumps(value, sort_keys=True, separators=(",", ":"), ensure_ascii=False)
