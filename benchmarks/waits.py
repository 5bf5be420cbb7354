"""
How long a person waits: to unlock, to open, to write, to forget.

Wall time, each the median of several; forgetting once, of 300 notes with 900 memories, their
vectors and a blob that was derived from all of them.
"""

import argparse
import shutil
import statistics
import tempfile
import time
from collections.abc import Callable
from pathlib import Path

import numpy as np

from benchmarks.report import report
from homeward_store import (
    RFC_9106_LOW_MEMORY,
    Keychain,
    MemoryDraft,
    Passphrase,
    Profile,
    Selection,
    SourceKind,
    Space,
    Span,
    create_profile,
    open_profile,
)
from homeward_store.testing import MemoryVault

_DOCUMENTS = 300
_SPACE = Space("0" * 64, 384)


def milliseconds(work: Callable[[], object], *, times: int = 9) -> float:
    """The median of several runs."""
    took = []
    for _ in range(times):
        started = time.perf_counter()
        work()
        took.append(1000 * (time.perf_counter() - started))
    return round(statistics.median(took), 2)


def fill(profile: Profile) -> tuple[int, ...]:
    """300 notes with what hangs on them."""
    rng = np.random.default_rng(1)
    notes = []
    with profile.transaction():
        for number in range(_DOCUMENTS):
            note = profile.notes.add(f"document {number} " * 60)
            span = Span(SourceKind.NOTE, note.id, 0, 10)
            vector = rng.normal(size=_SPACE.dims).astype(np.float32)
            drafts = [
                MemoryDraft(
                    f"part {part} of {number}", span, note.noted_at, vector=vector, space=_SPACE
                )
                for part in range(3)
            ]
            profile.memories.add(drafts)
            notes.append(note.id)
    sources = [(SourceKind.NOTE, note) for note in notes]
    profile.blobs.put("soft prompt", b"model", bytes(100_000), sources=sources)
    return tuple(notes)


def main() -> None:
    """Measure and print."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--json", action="store_true")
    arguments = parser.parse_args()
    home = Path(tempfile.mkdtemp(prefix="homeward-forgetting-"))
    passphrase, keychain = Passphrase("p"), Keychain("app", MemoryVault())
    figures: dict[str, float | int | str] = {}
    try:
        path = home / "p"
        create_profile(
            path, unlock=[passphrase, keychain], cost=RFC_9106_LOW_MEMORY
        ).profile.close()
        for name, unlock in (("passphrase", passphrase), ("keychain", keychain)):
            figures[f"open_with_{name}_ms"] = milliseconds(
                lambda unlock=unlock: open_profile(path, unlock=unlock).close()  # type: ignore[misc]
            )
        with open_profile(path, unlock=passphrase) as profile:
            for name, unlock in (("passphrase", passphrase), ("keychain", keychain)):
                figures[f"unlock_with_{name}_ms"] = milliseconds(
                    lambda unlock=unlock: profile.slots.test(unlock)  # type: ignore[misc]
                )
            figures["write_ms"] = milliseconds(lambda: profile.notes.add("note"), times=200)
            notes = fill(profile)
            profile.memories.nearest(np.ones(384, np.float32), space=_SPACE, limit=5)
            started = time.perf_counter()
            receipt = profile.forget(Selection(notes=notes))  # type: ignore[arg-type]
            figures["forget_300_ms"] = round(1000 * (time.perf_counter() - started), 1)
            figures["forget_state"] = receipt.state.value
            figures |= {f"forgotten_{kind}": number for kind, number in receipt.erased}
    finally:
        shutil.rmtree(home)
    report(figures, as_json=arguments.json)


if __name__ == "__main__":
    main()
