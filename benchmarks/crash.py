"""
Kill -9 during everything that writes, then open again: what is lost, what no longer opens?

A child works on a profile and says through a pipe what was acknowledged to it; it is killed after a
random time. Then the profile is opened, checked from page to ledger, and compared with what was
acknowledged.
"""

import argparse
import json
import os
import random
import shutil
import signal
import tempfile
import time
from collections import Counter
from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import numpy as np

from benchmarks.report import report
from homeward_store import (
    FASTEST,
    MemoryDraft,
    Passphrase,
    Profile,
    RecoveryCode,
    Selection,
    SourceKind,
    Space,
    Span,
    StoreError,
    create_profile,
    open_profile,
)
from homeward_store.database.database import Database, create_database, open_database
from homeward_store.database.migrations import migrate
from homeward_store.secret import Secret

SPACE = Space("0" * 64, 16)
SEAL = Passphrase("export")
_MOST_NOTES = 800  # then a new profile, so that the last trials are as quick as the first
Say = Callable[..., None]


@dataclass
class Known:
    """What has been acknowledged, so must be there after any kill."""

    notes: dict[int, str] = field(default_factory=dict)
    erased: set[int] = field(default_factory=set)
    blobs: dict[str, int] = field(default_factory=dict)
    spent: float = 0.0

    def erase(self, notes: Iterable[int]) -> None:
        """Notes that must never come back."""
        for number in notes:
            self.notes.pop(number, None)
            self.erased.add(number)


def write(profile: Profile, say: Say) -> None:
    """Notes with a memory, its words and its vector, in one transaction each."""
    for number in range(10_000):
        with profile.transaction():
            note = profile.notes.add(f"note {number} {'x' * random.randrange(3000)}")
            vector = np.full(16, 0.25, np.float32)
            source = Span(SourceKind.NOTE, note.id, 0, 4)
            draft = MemoryDraft(note.text, source, note.noted_at, vector=vector, space=SPACE)
            profile.memories.add([draft])
        say("note", note.id, note.text)


def erase(profile: Profile, say: Say) -> None:
    """Forget five texts at a time; every note that says one goes, and their memories go along."""
    notes = profile.notes.all()
    while len(notes) > 5:
        texts = {note.text for note in notes[:5]}  # an import brings some again
        ids = tuple(note.id for note in notes if note.text in texts)
        notes = [note for note in notes if note.text not in texts]
        say("erasing", list(ids))
        profile.forget(Selection(notes=ids))
        say("erased", list(ids))


def rotate(profile: Profile, say: Say) -> None:
    """Give the database one new key after another."""
    while True:
        profile.rotate(unlock=_code(profile.path))
        say("rotated")


def take_in(profile: Profile, say: Say) -> None:
    """Import fifty notes at a time."""
    for _ in range(100):
        profile.import_records(profile.path.with_name("export"), seal=SEAL)
        say("imported")


def keep_blobs(profile: Profile, say: Say) -> None:
    """Put blobs of up to 300 kB, some over others."""
    for number in range(10_000):
        name, size = f"b{number % 7}", random.randrange(300_000)
        say("putting", [name])
        profile.blobs.put("cache", name.encode(), bytes(size))
        say("blob", name, size)


def spend(profile: Profile, say: Say) -> None:
    """Reserve privacy."""
    for _ in range(10_000):
        profile.spending.reserve("default", 0.001, run="r")
        say("spent", 0.001)


def change_slots(profile: Profile, say: Say) -> None:
    """Change the passphrase; the recovery code must go on working."""
    while True:
        passphrase = Passphrase(f"passphrase {random.random()}")
        slot = profile.slots.add(passphrase, unlock=_code(profile.path), cost=FASTEST)
        profile.slots.remove(slot.id, unlock=_code(profile.path))
        say("changed")


OPERATIONS: tuple[Callable[[Profile, Say], None], ...] = (
    write,
    erase,
    rotate,
    take_in,
    keep_blobs,
    spend,
    change_slots,
)
_STEPS = (
    ("CREATE TABLE a(id INTEGER PRIMARY KEY, s TEXT)", "INSERT INTO a(s) VALUES('one')"),
    ("ALTER TABLE a ADD COLUMN t TEXT", "CREATE VIRTUAL TABLE f USING fts5(s)"),
    ("CREATE TABLE b AS SELECT * FROM a", "DROP TABLE a", "ALTER TABLE b RENAME TO a"),
    ("CREATE INDEX i ON a(s)", "INSERT INTO f(s) SELECT s FROM a"),
)


def trial_of_migration(home: Path, tally: Counter[str]) -> None:
    """Kill in the middle of four steps; the database must lie between two of them."""
    key, path = Secret(bytearray(32)), home / "bare.db"
    for old in home.glob("bare.db*"):
        old.unlink()
    create_database(path, key).close()

    def work(say: Say) -> None:
        database = open_database(path, key)
        for count in range(1, len(_STEPS) + 1):
            migrate(database, steps=_STEPS[:count])
            say("step", count)

    said = _killed(work, longest=0.02)
    try:
        database = open_database(path, key)
        database.check()
    except StoreError:
        tally["unopenable"] += 1
        return
    [(version,)] = database.run("PRAGMA user_version")
    tally["lost"] += version < max((count for _, count in said), default=0)
    tally["partial"] += not _is_between_steps(database, version)
    migrate(database, steps=_STEPS)
    database.close()


def trial(home: Path, operation: Callable[[Profile, Say], None], known: Known) -> Counter[str]:
    """One kill in one operation, and everything that was found afterwards."""
    tally: Counter[str] = Counter()
    path = home / "profile"

    def work(say: Say) -> None:
        with open_profile(path, unlock=_code(path)) as profile:
            say("open")
            operation(profile, say)

    said = _killed(work, longest=0.15)
    maybe = _learn(known, said)
    try:
        with open_profile(path, unlock=_code(path)) as profile:
            profile.check()
            tally += _compare(profile, known, maybe)
    except StoreError as error:
        print(f"{operation.__name__}: {type(error).__name__}: {error}")
        tally["unopenable"] += 1
    return tally


def _killed(work: Callable[[Say], None], *, longest: float) -> list[tuple[Any, ...]]:
    reader, writer = os.pipe()
    child = os.fork()
    if child == 0:
        os.close(reader)

        def say(*what: object) -> None:
            os.write(writer, json.dumps(what).encode() + b"\n")

        try:
            work(say)
        finally:
            os._exit(0)
    os.close(writer)
    with os.fdopen(reader, "rb") as pipe:
        first = pipe.readline()  # the work has begun
        time.sleep(random.random() * longest)
        os.kill(child, signal.SIGKILL)
        os.waitpid(child, 0)
        lines = [first, *pipe.read().splitlines()]
    # A line that was cut was not acknowledged.
    return [tuple(json.loads(line)) for line in lines if line.strip().endswith(b"]")]


def _learn(known: Known, said: list[tuple[Any, ...]]) -> set[object]:
    """Take over what was acknowledged; returns what was under way when the kill came."""
    under_way: set[object] = set()
    for kind, *what in said:
        match kind:
            case "note":
                known.notes[what[0]] = what[1]
            case "erasing" | "putting":
                under_way = set(what[0])
            case "erased":
                known.erase(what[0])
            case "blob":
                known.blobs[what[0]] = what[1]
            case "spent":
                known.spent += what[0]
        if kind in ("erased", "blob"):
            under_way = set()
    return under_way


def _compare(profile: Profile, known: Known, maybe: set[object]) -> Counter[str]:
    tally: Counter[str] = Counter()
    notes: dict[int, str] = {note.id: note.text for note in profile.notes.all()}
    gone = {number for number in known.notes if number in maybe}
    if not gone & set(notes):  # the erasure under way was committed: all five of them
        known.erase(gone)
    tally["lost"] += sum(notes.get(number) != text for number, text in known.notes.items())
    tally["lost"] += len(known.erased & set(notes))  # an erasure that came back
    remembered = {memory.source.id for memory in profile.memories.all()}
    tally["partial"] += len(set(notes) ^ remembered)
    for name, size in known.blobs.items():
        data = profile.blobs.get("cache", name.encode())
        tally["lost"] += name not in maybe and (data is None or len(data) != size)
    tally["lost"] += profile.spending.spent("default") < known.spent - 1e-6
    known.notes.update(notes)
    known.spent = profile.spending.spent("default")
    for name in known.blobs:
        known.blobs[name] = len(profile.blobs.get("cache", name.encode()) or b"")
    return tally


def _is_between_steps(database: Database, version: int) -> bool:
    names = {name for (name,) in database.run("SELECT name FROM sqlite_schema")}
    return ("a" in names, "f" in names, "b" in names, "i" in names) == (
        version >= 1,
        version >= 2,
        False,
        version >= 4,
    )


def _code(path: Path) -> RecoveryCode:
    return RecoveryCode(path.with_name("code").read_text())


def _prepare(home: Path) -> Known:
    home.mkdir(exist_ok=True)
    created = create_profile(home / "profile", unlock=[Passphrase("p")], cost=FASTEST)
    (home / "code").write_text(created.recovery_code.reveal())
    with created.profile as profile:
        profile.spending.set_budget("default", 1e9)
        for number in range(50):
            note = profile.notes.add(f"imported {number}")
            source = Span(SourceKind.NOTE, note.id, 0, 4)
            profile.memories.add([MemoryDraft(note.text, source, note.noted_at)])
        profile.export(home / "export", seal=SEAL, cost=FASTEST)
    return Known()


def main() -> None:
    """Run the trials and print what was found."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--trials", type=int, default=350)
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--json", action="store_true")
    arguments = parser.parse_args()
    random.seed(arguments.seed)
    home = Path(tempfile.mkdtemp(prefix="homeward-crash-"))
    tally: Counter[str] = Counter(lost=0, unopenable=0, partial=0)
    started = time.perf_counter()
    try:
        known = _prepare(home)
        for number in range(arguments.trials):
            turn = number % (len(OPERATIONS) + 1)
            if turn == len(OPERATIONS):
                trial_of_migration(home, tally)
            else:
                tally.update(trial(home, OPERATIONS[turn], known))
            if len(known.notes) > _MOST_NOTES:
                shutil.rmtree(home)
                known = _prepare(home)
    finally:
        shutil.rmtree(home)
    seconds = round(time.perf_counter() - started, 1)
    report(
        {
            **tally,
            "trials": arguments.trials,
            "operations": len(OPERATIONS) + 1,
            "seconds": seconds,
        },
        as_json=arguments.json,
    )


if __name__ == "__main__":
    main()
