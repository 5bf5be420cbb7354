"""
Damage every kind of file of a profile, a little and at random, and open it.

Only two outcomes are right: one of the store's own errors, or exactly what was written. A crash,
any other exception, and a row that is silently wrong are counted apart.
"""

import argparse
import os
import random
import resource
import shutil
import tempfile
import time
from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass
from functools import partial
from pathlib import Path

import numpy as np

from benchmarks.report import report
from homeward_store import (
    FASTEST,
    MemoryDraft,
    Passphrase,
    Profile,
    Purpose,
    RecoveryCode,
    SourceKind,
    Space,
    Span,
    StoreError,
    create_profile,
    open_profile,
    restore_profile,
)

SEAL = RecoveryCode.random()
SPACE = Space("0" * 64, 8)
_TOUCHED = ("store-1.db-wal", "store-1.db-shm", "store-1.db", "keyslots.json", "anchor.json")
_BATCH = 500  # files a child process opens: a crash costs no more than one batch


@dataclass(frozen=True, slots=True)
class Target:
    """A kind of file, how often it is chosen, and how it is opened."""

    name: str
    weight: int
    file: Path
    attempt: Callable[[], object]


def mutated(data: bytes, rng: random.Random) -> bytes:
    """The data with one random damage."""
    changed = bytearray(data)
    at = rng.randrange(len(changed))
    length = min(rng.choice((1, 4, 64, 4096)), len(changed) - at)
    match rng.randrange(7):
        case 0:
            changed[at] ^= 1 << rng.randrange(8)
        case 1:
            changed[at : at + length] = rng.randbytes(length)
        case 2:
            changed[at : at + length] = bytes(length)
        case 3:
            del changed[at:]
        case 4:
            changed[at:at] = rng.randbytes(length)
        case 5:
            del changed[at : at + length]
        case 6:
            other = rng.randrange(len(changed))
            changed[at : at + length] = changed[other : other + length]
    return bytes(changed)


def contents(profile: Profile) -> tuple[object, ...]:
    """Everything that can be read of a profile."""
    profile.check()
    return (
        profile.id,
        profile.attributes.all(),
        profile.turns.conversation("c"),
        profile.notes.all(),
        list(profile.memories.all()),
        profile.memories.match("note 7", limit=5),
        profile.memories.nearest(np.full(8, 0.3, np.float32), space=SPACE, limit=3),
        profile.receipts(),
        profile.consent.decisions(),
    )


class Bench:
    """A profile and its sealed files, damaged and mended again and again."""

    def __init__(self, home: Path) -> None:
        self.home = home
        self.path = home / "profile"
        created = create_profile(self.path, unlock=[Passphrase("p")], cost=FASTEST)
        self.code = created.recovery_code
        with created.profile as profile:
            _fill(profile)
            profile.backup(home / "backup", seal=SEAL, cost=FASTEST)
            profile.export(home / "export", seal=SEAL, cost=FASTEST)
        with open_profile(self.path, unlock=self.code) as profile:
            self.expected = contents(profile)
        create_profile(home / "other", unlock=[self.code], cost=FASTEST).profile.close()
        shutil.copytree(home, home.with_name(home.name + "-whole"))
        self.whole = home.with_name(home.name + "-whole")

    def targets(self) -> list[Target]:
        """The kinds of files."""
        [blob] = (self.path / "blobs").iterdir()
        return [
            Target("database", 30, self.path / "store-1.db", self._open),
            Target("keyslots", 30, self.path / "keyslots.json", self._open),
            Target("anchor", 5, self.path / "anchor.json", self._open),
            Target("blob", 25, blob, self._blob),
            Target("export", 15, self.home / "export", self._import),
            Target("backup", 5, self.home / "backup", self._restore),
        ]

    def _open(self) -> bool:
        with open_profile(self.path, unlock=self.code) as profile:
            return contents(profile) == self.expected

    def _blob(self) -> bool:
        with open_profile(self.path, unlock=self.code) as profile:
            return profile.blobs.get("cache", b"k") == bytes(3000)

    def _import(self) -> bool:
        with open_profile(self.path, unlock=self.code) as profile, profile.transaction():
            count = profile.import_records(self.home / "export", seal=SEAL)
            raise _Undo(count == 92)

    def _restore(self) -> bool:
        target = self.home / "restored"
        try:
            with restore_profile(
                self.home / "backup", target, seal=SEAL, unlock=[Passphrase("p")], cost=FASTEST
            ).profile as profile:
                return contents(profile)[:5] == self.expected[:5]
        finally:
            shutil.rmtree(target, ignore_errors=True)

    def mend(self, target: Target) -> None:
        """Put back everything that the attempt may have touched."""
        for part in _TOUCHED:
            whole = self.whole / "profile" / part
            if whole.exists():
                shutil.copyfile(whole, self.path / part)
            else:
                (self.path / part).unlink(missing_ok=True)
        shutil.copyfile(self.whole / target.file.relative_to(self.home), target.file)


class _Undo(Exception):
    def __init__(self, right: bool) -> None:  # noqa: FBT001
        super().__init__("undo")
        self.right = right


def batch(bench: Bench, seed: int, count: int) -> Counter[str]:
    """Damage and open `count` files in this process."""
    rng = random.Random(seed)
    targets = bench.targets()
    tally: Counter[str] = Counter()
    for target in rng.choices(targets, [one.weight for one in targets], k=count):
        data = target.file.read_bytes()
        target.file.write_bytes(mutated(data, rng))
        started = time.perf_counter()
        tally[_outcome(target)] += 1
        took = round(1000 * (time.perf_counter() - started))
        tally["slowest_ms"] = max(tally["slowest_ms"], took)
        bench.mend(target)
    return tally


def _outcome(target: Target) -> str:
    try:
        right = target.attempt()
    except StoreError:
        return "refused"
    except _Undo as undo:
        right = undo.right
    except Exception as error:  # noqa: BLE001  what is being looked for
        print(f"{target.name}: {type(error).__name__}: {error}")
        return "untyped"
    return "whole" if right else f"wrong_{target.name}"


def _in_child(work: Callable[[], Counter[str]]) -> Counter[str] | None:
    reader, writer = os.pipe()
    child = os.fork()
    if child == 0:
        os.close(reader)
        tally = work()
        peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss // 1024
        os.write(writer, repr({**tally, "peak_mib": peak}).encode())
        os._exit(0)
    os.close(writer)
    with os.fdopen(reader, "rb") as pipe:
        said = pipe.read()
    _, status = os.waitpid(child, 0)
    return None if status else Counter(eval(said))


def _fill(profile: Profile) -> None:
    profile.attributes.set("name", "Ada", tags=("who",))
    turn = profile.turns.begin("c", "where?", model="m")
    profile.turns.finish(turn.id, "there", complete=True)
    for number in range(30):
        note = profile.notes.add(f"note {number} {'x' * 40 * number}")
        vector = np.full(8, number / 30, np.float32)
        source = Span(SourceKind.NOTE, note.id, 0, 4)
        draft = MemoryDraft(note.text, source, note.noted_at, vector=vector, space=SPACE)
        profile.memories.add([draft])
    profile.blobs.put("cache", b"k", bytes(3000))
    profile.consent.grant(Purpose.LEARN, shown="text")


def main() -> None:
    """Fuzz and print what was found."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--files", type=int, default=2000)
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--json", action="store_true")
    arguments = parser.parse_args()
    memory = Path("/dev/shm")
    home = Path(tempfile.mkdtemp(prefix="homeward-fuzz-", dir=memory if memory.exists() else None))
    tally: Counter[str] = Counter(crashes=0, untyped=0, wrong=0, refused=0, whole=0)
    try:
        bench = Bench(home / "home")
        found = _in_child(lambda: Counter(_outcome(target) for target in bench.targets()))
        tally["controls_whole"] = (found or Counter())["whole"]  # undamaged, all six open
        for start in range(0, arguments.files, _BATCH):
            count = min(_BATCH, arguments.files - start)
            seed = arguments.seed * 1_000_003 + start
            found = _in_child(partial(batch, bench, seed, count))
            tally = _added(tally, found)
    finally:
        shutil.rmtree(home)
    tally["wrong"] = sum(number for name, number in tally.items() if name.startswith("wrong_"))
    report({**tally, "files": arguments.files}, as_json=arguments.json)


def _added(tally: Counter[str], found: Counter[str] | None) -> Counter[str]:
    if found is None:
        tally["crashes"] += 1
        return tally
    for name in ("slowest_ms", "peak_mib"):
        tally[name] = max(tally[name], found.pop(name, 0))
    tally.update(found)
    return tally


if __name__ == "__main__":
    main()
