"""
Do planted strings reach any file in the clear? strace watches every byte that a profile writes.

A child writes, forgets, rotates, backs up, exports and imports records that hold a planted string;
strace records every write. A control, plain SQLCipher with its temporary files on disk, must be
found. Linux only; needs strace.
"""

import argparse
import re
import shutil
import subprocess
import sys
import tempfile
from pathlib import Path

from benchmarks.report import report

PLANTED = "xylophonequartz"
_CALLS = "write,pwrite64,writev,pwritev,pwritev2,sendfile,copy_file_range"


def profile_work(home: Path) -> None:
    """Everything that a profile does, with the planted string in every kind of record."""
    import numpy as np  # noqa: PLC0415  the control does without

    from homeward_store import (  # noqa: PLC0415
        FASTEST,
        MemoryDraft,
        Passphrase,
        Purpose,
        Selection,
        SourceKind,
        Space,
        Span,
        create_profile,
        open_profile,
        restore_profile,
    )

    unlock, seal = Passphrase("p"), Passphrase("s")
    with create_profile(home / "p", unlock=[unlock], cost=FASTEST).profile as profile:
        for number in range(200):
            text = f"{PLANTED} {number} " * 50
            turn = profile.turns.begin(PLANTED, text, model=PLANTED)
            profile.turns.finish(turn.id, text, complete=True)
            profile.attributes.set(f"{PLANTED} {number}", text, tags=(PLANTED,))
            span = Span(SourceKind.TURN, turn.id, 0, 5)
            vector, space = np.ones(8, np.float32), Space("0" * 64, 8)
            draft = MemoryDraft(text, span, turn.asked_at, vector=vector, space=space)
            profile.memories.add([draft])
        profile.writings.add(PLANTED * 10_000, title=PLANTED)
        profile.choices.add(PLANTED, PLANTED + "a", PLANTED + "b")
        profile.notes.add(PLANTED)
        profile.blobs.put("cache", PLANTED.encode(), PLANTED.encode() * 100_000)
        profile.consent.grant(Purpose.LEARN, shown=PLANTED)
        profile.memories.match(PLANTED, limit=50)
        with profile.transaction():
            profile.memories.match(PLANTED, limit=50)
        profile.rotate(unlock=unlock)
        profile.backup(home / "backup", seal=seal, cost=FASTEST)
        profile.export(home / "export", seal=seal, cost=FASTEST)
        profile.import_records(home / "export", seal=seal)
        profile.forget(Selection(topic=PLANTED))
    restore_profile(
        home / "backup", home / "q", seal=seal, unlock=[unlock], cost=FASTEST
    ).profile.close()
    with open_profile(home / "q", unlock=unlock) as profile:
        profile.check()


def control_work(home: Path) -> None:
    """SQLCipher as it must not be used: with temporary files on the disk."""
    from sqlcipher3 import dbapi2 as sqlcipher  # noqa: PLC0415

    connection = sqlcipher.connect(str(home / "control.db"))
    connection.set_key(b"x'" + b"ab" * 32 + b"'")
    connection.execute("PRAGMA temp_store = FILE")
    connection.execute("CREATE TEMP TABLE t(s TEXT)")
    connection.execute("PRAGMA temp.cache_size = 10")
    rows = [(f"{PLANTED} {number} " * 50,) for number in range(5000)]
    connection.executemany("INSERT INTO t VALUES(?)", rows)
    connection.close()


def count(work: str, home: Path) -> tuple[int, int]:
    """How many writes a child made, and in how many of them the planted string was."""
    trace = home / "trace"
    command = [sys.executable, "-m", "benchmarks.planted", "--child", work, str(home)]
    options = ["-f", "-qq", "-xx", "-s", "2000000", "-e", f"trace={_CALLS}", "-o", str(trace)]
    subprocess.run(["strace", *options, *command], check=True)
    needle = "".join(rf"\x{byte:02x}" for byte in PLANTED.encode())
    writes = hits = 0
    with trace.open(encoding="ascii") as lines:
        for line in lines:
            writes += bool(re.match(r"\d+ +(p?write|sendfile|copy_file)", line))
            hits += needle in line
    return writes, hits


def main() -> None:
    """Watch both children and print what was found."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--json", action="store_true")
    parser.add_argument("--child", nargs=2, help=argparse.SUPPRESS)
    arguments = parser.parse_args()
    if arguments.child:
        work, home = arguments.child
        {"profile": profile_work, "control": control_work}[work](Path(home))
        return
    figures: dict[str, int] = {}
    for work in ("profile", "control"):
        home = Path(tempfile.mkdtemp(prefix="homeward-planted-"))
        try:
            figures[f"{work}_writes"], figures[f"{work}_planted"] = count(work, home)
        finally:
            shutil.rmtree(home)
    report(figures, as_json=arguments.json)


if __name__ == "__main__":
    main()
