"""
Stores the ledger in a file; each line is authenticated together with all lines before it.

The reference for the ledger's contract and for operators' rehearsals; a profile's own ledger lives
in its encrypted store. Changing, removing or reordering lines is noticed by their MACs; cutting
lines off the end, or putting an older file back, is noticed by the head kept beside it. Whoever
puts back both files together is not noticed: docs/federation/trust.md.
"""

import fcntl
import hashlib
import hmac
import json
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import asdict
from pathlib import Path

from homeward_federated import files
from homeward_federated.errors import LedgerDamaged
from homeward_federated.privacy.budget import BudgetEntry, Check, Step

_START = bytes(32)


class FileLedger:
    """An append-only ledger at `path`, with its head in `path` + ".head"."""

    def __init__(self, path: Path, *, key: bytes) -> None:
        self._path = path
        self._head = path.with_name(path.name + ".head")
        self._key = key

    def entries(self) -> Sequence[BudgetEntry]:
        """Return all entries, oldest first, or raise `LedgerDamaged`."""
        return self._read()[0]

    def append(self, entry: BudgetEntry, *, check: Check) -> None:
        """Check and append as one step; on the disk before this returns."""
        with self._locked():
            entries, last = self._read()
            check(entries)
            line = _to_line(entry)
            mac = self._mac(last, line)
            # The line first: a crash in between leaves one line more than the head says, which
            # `_read` accepts, and never a head without its line.
            files.append(self._path, line + b" " + mac.hex().encode() + b"\n")
            files.write(self._head, mac)

    @contextmanager
    def _locked(self) -> Iterator[None]:
        with self._path.with_name(self._path.name + ".lock").open("ab") as lock:
            fcntl.flock(lock, fcntl.LOCK_EX)
            yield

    def _mac(self, last: bytes, line: bytes) -> bytes:
        return hmac.digest(self._key, last + line, hashlib.sha256)

    def _read(self) -> tuple[list[BudgetEntry], bytes]:
        lines = self._path.read_bytes().splitlines() if self._path.exists() else []
        macs = [_START]
        entries: list[BudgetEntry] = []
        for line in lines:
            text, _, mac = line.rpartition(b" ")
            macs.append(self._mac(macs[-1], text))
            if not hmac.compare_digest(macs[-1].hex().encode(), mac):
                raise LedgerDamaged(f"entry {len(entries) + 1} of the ledger was changed")
            entries.append(_from_line(text))
        head = self._head.read_bytes() if self._head.exists() else _START
        if head not in macs[-2:]:
            raise LedgerDamaged(f"the ledger's {len(entries)} entries do not end at its head")
        return entries, macs[-1]


def _to_line(entry: BudgetEntry) -> bytes:
    fields = asdict(entry)
    fields.update(round_id=entry.round_id.hex(), terms_hash=entry.terms_hash.hex())
    return json.dumps(fields, sort_keys=True).encode()


def _from_line(text: bytes) -> BudgetEntry:
    fields = json.loads(text)
    for name in ("round_id", "terms_hash"):
        fields[name] = bytes.fromhex(fields[name])
    return BudgetEntry(**{**fields, "step": Step(fields["step"])})
