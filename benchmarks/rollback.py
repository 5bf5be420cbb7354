"""
Put back an older page, an older file, or damage the log: is it noticed, is anything made up?

The profile holds twenty notes and twenty reservations of privacy, one of each in turn. After each
trial either the store refuses, or its anchor contradicts it, or it holds everything that was spent;
what is left of a damaged log is always a prefix of what was written.
"""

import argparse
import random
import shutil
import tempfile
from collections import Counter
from pathlib import Path

from benchmarks.fuzz_store import mutated
from benchmarks.report import report
from homeward_store import (
    FASTEST,
    Damaged,
    Passphrase,
    Profile,
    RecoveryCode,
    RollbackDetected,
    create_profile,
    open_profile,
)

_STEPS = 20
_PAGE = 4096
_DATABASE, _LOG = "store-1.db", "store-1.db-wal"


class Bench:
    """The profile's files after each step, closed, and once as they lay while it was open."""

    def __init__(self, home: Path) -> None:
        self.path = home / "p"
        created = create_profile(self.path, unlock=[Passphrase("p")], cost=FASTEST)
        self.code: RecoveryCode = created.recovery_code
        created.profile.spending.set_budget("default", 1000.0)
        created.profile.close()
        self.closed = [self._files()]
        for number in range(_STEPS):
            with open_profile(self.path, unlock=self.code) as profile:
                _step(profile, number)
            self.closed.append(self._files())
        shutil.copytree(self.path, home / "q")
        with open_profile(home / "q", unlock=self.code) as profile:
            for number in range(_STEPS, 2 * _STEPS):
                _step(profile, number)
            self.open = {one.name: one.read_bytes() for one in (home / "q").glob("*.*")}

    def _files(self) -> dict[str, bytes]:
        return {one.name: one.read_bytes() for one in self.path.glob("*.*")}

    def put(self, files: dict[str, bytes]) -> None:
        """Make the profile's folder hold these files."""
        (self.path / _LOG).unlink(missing_ok=True)
        (self.path / f"{_DATABASE}-shm").unlink(missing_ok=True)
        for name, data in files.items():
            if not name.endswith("-shm"):
                (self.path / name).write_bytes(data)

    def outcome(self, steps: int) -> str:
        """What the store says of the folder as it is."""
        try:
            with open_profile(self.path, unlock=self.code) as profile:
                texts = [note.text for note in profile.notes.all()]
                spent = round(profile.spending.spent("default"))
                try:
                    profile.check()
                except RollbackDetected:
                    whole = texts == [f"note {number}" for number in range(len(texts))]
                    return "noticed" if whole else "made_up"
        except Damaged:
            return "refused"
        return "whole" if spent == steps else "unnoticed"


def _step(profile: Profile, number: int) -> None:
    profile.notes.add(f"note {number}")
    profile.spending.reserve("default", 1.0, run=f"run {number}")


def older_page(bench: Bench, rng: random.Random) -> str:
    """One page of an earlier state, and not the same, in the newest database."""
    old, new = rng.choice(bench.closed[:-1])[_DATABASE], bytearray(bench.closed[-1][_DATABASE])
    pages = range(0, min(len(old), len(new)), _PAGE)
    at = rng.choice([one for one in pages if old[one : one + _PAGE] != new[one : one + _PAGE]])
    new[at : at + _PAGE] = old[at : at + _PAGE]
    bench.put({**bench.closed[-1], _DATABASE: bytes(new)})
    return bench.outcome(_STEPS)


def older_file(bench: Bench, rng: random.Random) -> str:
    """The whole database of an earlier state beside the newest anchor."""
    bench.put({**bench.closed[-1], _DATABASE: rng.choice(bench.closed[:-1])[_DATABASE]})
    return bench.outcome(_STEPS)


def damaged_log(bench: Bench, rng: random.Random) -> str:
    """A log that was cut, flipped or scrambled somewhere."""
    damaged = bench.open[_LOG]
    while damaged == bench.open[_LOG]:  # one byte in 256 is replaced by itself
        damaged = mutated(damaged, rng)
    bench.put({**bench.open, _LOG: damaged})
    return bench.outcome(2 * _STEPS)


def main() -> None:
    """Run the trials and print what was found."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--trials", type=int, default=300)
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--json", action="store_true")
    arguments = parser.parse_args()
    rng = random.Random(arguments.seed)
    home = Path(tempfile.mkdtemp(prefix="homeward-rollback-"))
    tally: Counter[str] = Counter()
    try:
        bench = Bench(home)
        for number in range(arguments.trials):
            attempt = (older_page, older_file, damaged_log)[number % 3]
            tally[f"{attempt.__name__}_{attempt(bench, rng)}"] += 1
    finally:
        shutil.rmtree(home)
    wrong = sum(count for name, count in tally.items() if name.endswith(("unnoticed", "made_up")))
    report({"wrong": wrong, **tally, "trials": arguments.trials}, as_json=arguments.json)


if __name__ == "__main__":
    main()
