"""
The long proofs in short: kills, damage, failing calls, planted strings, memory.

Each runs the benchmark of its name with few trials and looks at the figures that it prints.
"""

import json
import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
linux = pytest.mark.skipif(sys.platform != "linux", reason="reads /proc or uses LD_PRELOAD")


def figures(name: str, *arguments: str) -> dict[str, int]:
    """The last line of a benchmark, which is one flat JSON object."""
    said = subprocess.run(
        [sys.executable, "-m", f"benchmarks.{name}", *arguments, "--json"],
        capture_output=True,
        check=False,
        cwd=ROOT,
        env={**os.environ, "PYTHONPATH": os.pathsep.join([str(ROOT), *sys.path])},
        text=True,
    )
    assert said.returncode == 0, said.stderr
    shown: dict[str, int] = json.loads(said.stdout.splitlines()[-1])
    return shown


@linux
def test_kills_lose_nothing_that_was_acknowledged() -> None:
    found = figures("crash", "--trials", "24")
    assert (found["lost"], found["unopenable"], found["partial"]) == (0, 0, 0)


@linux
def test_damaged_files_are_refused_or_read_right() -> None:
    found = figures("fuzz_store", "--files", "600")
    assert (found["crashes"], found["untyped"], found["wrong"]) == (0, 0, 0)
    assert found["controls_whole"] == 6
    assert found["refused"] + found["whole"] == 600
    assert found["refused"] > 500


def test_what_is_put_back_or_damaged_is_noticed_and_nothing_is_made_up() -> None:
    found = figures("rollback", "--trials", "60")
    assert found["wrong"] == 0
    assert found["older_file_noticed"] == 20
    assert found["damaged_log_noticed"] == 20


@linux
@pytest.mark.skipif(shutil.which("cc") is None, reason="needs a C compiler")
def test_a_rotation_in_which_any_call_fails_leaves_the_profile_whole() -> None:
    found = figures("faults", "--every", "12")
    assert [found[name] for name in ("lost", "unopenable", "untyped", "crashed")] == [0] * 4
    assert found["refused"] > 10  # the calls did fail


@linux
@pytest.mark.skipif(shutil.which("strace") is None, reason="needs strace")
def test_no_planted_string_is_ever_written_in_the_clear() -> None:
    found = figures("planted")
    assert found["profile_planted"] == 0
    assert found["profile_writes"] > 1000
    assert found["control_planted"] > 100  # the watcher sees what is there to see


@linux
def test_memory_holds_no_key_and_hardened_no_record_after_closing() -> None:
    found = figures("core_scan")
    keys = [name for name in found if "_key" in name or "passphrase" in name]
    assert len(keys) == 20
    assert sum(found[name] for name in keys) == 0
    assert found["record_open"] > 100  # the scanner sees what is there to see
    assert found["hardened_record_closed"] == 0
