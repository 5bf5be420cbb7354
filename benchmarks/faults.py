"""
Fail every single call that writes, in turn, while a profile's key is rotated.

Each trial forks, arms a small library (`faults.c`, loaded with LD_PRELOAD) to fail the nth such
call with ENOSPC or EIO, and rotates. Afterwards the profile must open with everything in it, both
in the process that saw the error and in a fresh one.
"""

import argparse
import ctypes
import errno
import os
import shutil
import subprocess
import sys
import tempfile
from collections import Counter
from pathlib import Path

from benchmarks.report import report
from homeward_store import (
    FASTEST,
    Passphrase,
    Profile,
    RecoveryCode,
    StoreError,
    create_profile,
    open_profile,
)

_ARMED = "HOMEWARD_FAULTS"
_NOTES = 40
_ERRORS = {"ENOSPC": errno.ENOSPC, "EIO": errno.EIO}


def trial(whole: Path, path: Path, code: RecoveryCode, nth: int, error: int) -> tuple[str, int]:
    """What came of a rotation whose nth writing call failed, and how many such calls there were."""
    shutil.rmtree(path, ignore_errors=True)
    shutil.copytree(whole, path)
    reader, writer = os.pipe()
    child = os.fork()
    if child == 0:
        os.write(writer, repr(_rotate(path, code, nth, error)).encode())
        os._exit(0)
    os.close(writer)
    with os.fdopen(reader, "rb") as pipe:
        said = pipe.read()
    _, status = os.waitpid(child, 0)
    if status or not said:
        return "crashed", 0
    outcome, calls = eval(said)
    try:
        with open_profile(path, unlock=code) as profile:
            profile.check()
            return (outcome if _is_whole(profile) else "lost"), calls
    except StoreError:
        return "unopenable", calls


def _rotate(path: Path, code: RecoveryCode, nth: int, error: int) -> tuple[str, int]:
    faults = ctypes.CDLL(None)
    faults.faults_arm.argtypes = [ctypes.c_long, ctypes.c_int]
    faults.faults_calls.restype = ctypes.c_long
    with open_profile(path, unlock=code) as profile:
        faults.faults_arm(nth, error)
        try:
            profile.rotate(unlock=code)
            outcome = "rotated"
        except StoreError:
            outcome = "refused"
        except Exception as untyped:  # noqa: BLE001  what is being looked for
            outcome = f"untyped {type(untyped).__name__}"
        calls = faults.faults_calls()
        faults.faults_arm(-1, 0)
        return (outcome if _is_whole(profile) else "lost"), calls


def _is_whole(profile: Profile) -> bool:
    return [note.text for note in profile.notes.all()] == [f"note {n}" for n in range(_NOTES)]


def _run(every: int, *, as_json: bool) -> None:
    home = Path(tempfile.mkdtemp(prefix="homeward-faults-"))
    try:
        created = create_profile(home / "whole", unlock=[Passphrase("p")], cost=FASTEST)
        with created.profile as profile:
            for number in range(_NOTES):
                profile.notes.add(f"note {number}")
        code = created.recovery_code
        _, calls = trial(home / "whole", home / "trial", code, 10**9, errno.EIO)
        tally: Counter[str] = Counter(lost=0, unopenable=0, untyped=0, crashed=0)
        for error in _ERRORS.values():
            for nth in range(1, calls + 1, every):
                outcome, _ = trial(home / "whole", home / "trial", code, nth, error)
                tally[outcome.split()[0]] += 1
    finally:
        shutil.rmtree(home)
    report({**tally, "writing_calls": calls}, as_json=as_json)


def main() -> None:
    """Build the library, start again with it loaded, and run every trial."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--every", type=int, default=1, help="fail only every nth call")
    parser.add_argument("--json", action="store_true")
    arguments = parser.parse_args()
    if _ARMED in os.environ:
        _run(arguments.every, as_json=arguments.json)
        return
    with tempfile.TemporaryDirectory() as folder:
        library = str(Path(folder) / "faults.so")
        source = str(Path(__file__).with_suffix(".c"))
        subprocess.run(["cc", "-shared", "-fPIC", "-O1", "-o", library, source, "-ldl"], check=True)
        again = [sys.executable, "-m", "benchmarks.faults", *sys.argv[1:]]
        environment = {**os.environ, _ARMED: "1", "LD_PRELOAD": library}
        sys.exit(subprocess.run(again, env=environment, check=False).returncode)


if __name__ == "__main__":
    main()
