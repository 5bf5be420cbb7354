"""Of a process that opened a profile nothing is left by a crash, and nothing is read by others."""

import os
import subprocess
import sys
from pathlib import Path

import pytest

pytestmark = pytest.mark.skipif(sys.platform != "linux", reason="prctl and /proc are Linux's")

OPENING = """
import ctypes, os, resource, sys
from pathlib import Path
from homeward_store import Passphrase, StoreError, allow_debugger, create_profile, open_profile
from homeward_store.keys.key_derivation import FASTEST
mode, place = sys.argv[1], Path(sys.argv[2])
unlimited = resource.RLIM_INFINITY
try:
    resource.setrlimit(resource.RLIMIT_CORE, (unlimited, unlimited))
except ValueError:  # another process above has refused cores for all below it
    pass
os.chdir(place)
if mode == "allowed":
    allow_debugger()
def dumpable():
    return ctypes.CDLL(None).prctl(3, 0, 0, 0, 0)
def opened():
    return create_profile(place / "ada", unlock=[Passphrase("p")], cost=FASTEST).profile
"""
ABORTING = """
profile = opened()
planted = profile.notes.add("xylophonequartz" * 4)
print(dumpable(), *resource.getrlimit(resource.RLIMIT_CORE), flush=True)
os.abort()
"""
SPIED_UPON = """
if os.getuid() == 0:  # root may read every process
    os.chown(place, 65534, 65534)
    os.setgroups([]); os.setgid(65534); os.setuid(65534)
    ctypes.CDLL(None).prctl(4, 1, 0, 0, 0)  # the change of user has taken it away
profile = opened()
spy = os.fork()
if not spy:
    for file in ("environ", "maps", "mem"):
        try:
            Path(f"/proc/{os.getppid()}/{file}").open("rb").close()
            print(file, flush=True)
        except PermissionError:
            pass
    os._exit(0)
os.waitpid(spy, 0)
print(len(Path("/proc/self/maps").read_bytes()) > 0, flush=True)  # its own it still reads
profile.close()
"""


def run(program: str, mode: str, place: Path) -> tuple[list[str], int]:
    """Return what a child printed, and how it ended as `wait` says it."""
    place.chmod(0o755)
    for folder in place.parents:  # pytest's are closed to others, whom the child may become
        if "pytest" in folder.name:
            folder.chmod(0o755)
    command = [sys.executable, "-c", OPENING + program, mode, str(place)]
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True) as child:
        assert child.stdout is not None
        said = child.stdout.read().split("\n")[:-1]
        _, status = os.waitpid(child.pid, 0)
        child.returncode = os.waitstatus_to_exitcode(status)
    return said, status


def test_a_process_with_a_profile_asks_for_no_core_and_no_debugger(tmp_path: Path) -> None:
    [said], status = run(ABORTING, "default", tmp_path)

    assert said == "0 0 0"
    assert os.WTERMSIG(status) == 6
    assert not os.WCOREDUMP(status)
    assert [core.name for core in tmp_path.glob("*core*") if core.stat().st_size] == []


def test_with_a_debugger_allowed_a_crash_leaves_what_was_read(tmp_path: Path) -> None:
    [said], status = run(ABORTING, "allowed", tmp_path)

    assert said.startswith("1 ")
    if not os.WCOREDUMP(status):
        pytest.skip("this system writes no core dumps, whatever a process asks for")
    for core in tmp_path.glob("core*"):  # unless it is piped into a program
        assert b"xylophonequartz" in core.read_bytes()


def test_another_program_of_the_same_user_cannot_read_the_process(tmp_path: Path) -> None:
    said, _ = run(SPIED_UPON, "default", tmp_path)

    assert said == ["True"]


def test_with_a_debugger_allowed_it_can(tmp_path: Path) -> None:
    said, _ = run(SPIED_UPON, "allowed", tmp_path)

    assert said[:2] == ["environ", "maps"]
    assert said[-1] == "True"


def test_a_debugger_is_allowed_before_a_profile_is_opened_or_not_at_all(tmp_path: Path) -> None:
    late = "opened()\ntry:\n    allow_debugger()\nexcept StoreError as error:\n    print(error)"

    [said], _ = run(late, "default", tmp_path)

    assert "before" in said


def test_a_process_that_it_starts_leaves_no_core_either(tmp_path: Path) -> None:
    program = """
opened()
say = "import resource; print(*resource.getrlimit(resource.RLIMIT_CORE))"
import subprocess
print(subprocess.check_output([sys.executable, "-c", say], text=True).strip(), flush=True)
"""

    assert run(program, "default", tmp_path)[0] == ["0 0"]
