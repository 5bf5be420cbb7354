"""Checks a profile and names what is wrong, without showing personal data."""

import stat
import sys
from collections.abc import Callable
from dataclasses import dataclass

from homeward_store.consent.ledger import Ledger
from homeward_store.database.database import Database
from homeward_store.erasure.eraser import Eraser
from homeward_store.erasure.receipts import Erasure
from homeward_store.errors import StoreError
from homeward_store.folder import Folder
from homeward_store.keys import keyslots
from homeward_store.keys.keyslots import SlotKind
from homeward_store.repositories.blobs import Blobs


@dataclass(frozen=True, slots=True)
class Finding:
    """The outcome of one check."""

    check: str
    ok: bool
    detail: str  # redacted: kinds, numbers and file names only


def examine(
    database: Database, folder: Folder, *, ledger: Ledger, blobs: Blobs, forgetting: Eraser
) -> list[Finding]:
    """Every check, each with its outcome; none of them changes anything."""
    checks: tuple[tuple[str, Callable[[], str]], ...] = (
        ("database pages, indexes and links", lambda: _nothing(database.check)),
        ("full-text index", lambda: _nothing(lambda: _check_index(database))),
        ("ledger and anchor", lambda: _nothing(ledger.verify)),
        ("blob files", lambda: _check_blobs(blobs)),
        ("file modes", lambda: _check_modes(folder)),
        ("ways in", lambda: _check_slots(folder)),
        ("erasures", lambda: _check_erasures(forgetting)),
    )
    return [_finding(name, check) for name, check in checks]


def _finding(name: str, check: Callable[[], str]) -> Finding:
    try:
        trouble = check()
    except StoreError as error:
        return Finding(name, ok=False, detail=f"{type(error).__name__}: {error}")
    return Finding(name, ok=not trouble, detail=trouble or "in order")


def _nothing(check: Callable[[], None]) -> str:
    check()
    return ""


def _check_index(database: Database) -> None:
    database.run("INSERT INTO memory_words(memory_words, rank) VALUES('integrity-check', 1)")


def _check_blobs(blobs: Blobs) -> str:
    damaged = blobs.damaged()
    return f"{len(damaged)} damaged; remove and derive anew" if damaged else ""


def _check_modes(folder: Folder) -> str:
    if sys.platform == "win32":  # pragma: no cover
        return ""
    paths = [folder.path, *folder.path.rglob("*")]
    loose = [path.name for path in paths if stat.S_IMODE(path.stat().st_mode) & 0o077]
    return f"others may read {', '.join(sorted(loose))}" if loose else ""


def _check_slots(folder: Folder) -> str:
    kinds = [slot.kind for slot in keyslots.read(folder.keyslots).slots]
    if SlotKind.RECOVERY not in kinds:
        return "no recovery slot"
    return "" if len(kinds) > 1 else "only the recovery code opens this profile"


def _check_erasures(forgetting: Eraser) -> str:
    pending = [one for one in forgetting.receipts() if one.state is Erasure.PENDING]
    return f"{len(pending)} pending" if pending else ""
