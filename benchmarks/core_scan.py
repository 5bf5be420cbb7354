"""
Which keys and records can be found in a process's memory, while a profile is open and after?

A child opens a profile with a passphrase that it reads from a file into bytes it wipes, works, and
closes it; at each point the parent reads all of its memory, as a core dump would. The records were
written by an earlier process. Linux only; needs the right to read a child's memory.
"""

import argparse
import os
import re
import shutil
import subprocess
import sys
import tempfile
from pathlib import Path

from benchmarks.report import report
from homeward_store import FASTEST, Passphrase, allow_debugger, create_profile, open_profile
from homeward_store.keys import keyslots

_RECORDS = 2000


def memory_of(process: int) -> bytes:
    """Every readable byte of a process."""
    pieces = []
    with (
        Path(f"/proc/{process}/maps").open(encoding="ascii") as maps,
        Path(f"/proc/{process}/mem").open("rb", buffering=0) as memory,
    ):
        for line in maps:
            match = re.match(r"([0-9a-f]+)-([0-9a-f]+) (r)", line)
            if match and "[v" not in line:  # not the kernel's own pages
                start, end = int(match[1], 16), int(match[2], 16)
                try:
                    memory.seek(start)
                    pieces.append(memory.read(end - start))
                except OSError:
                    continue
    return b"".join(pieces)


def child(path: Path, *, hardened: bool) -> None:
    """Open, read, and close, waiting for the parent to look at each point."""
    with path.with_name("passphrase").open("rb", buffering=0) as file:
        typed = bytearray(32)  # its length: growing or cutting would leave a copy behind
        file.readinto(typed)
    allow_debugger()  # or the parent, too, could not look
    profile = open_profile(path, unlock=Passphrase(typed), hardened=hardened)
    typed[:] = bytes(len(typed))
    profile._database.run("SELECT count(*), sum(length(text)) FROM note")  # noqa: SLF001
    profile.memories.match("nothing", limit=1)
    for said in ("open", "closed"):
        print(said, flush=True)
        sys.stdin.readline()
        profile.close()


def scan(path: Path, wanted: dict[str, bytes], *, hardened: bool) -> dict[str, int]:
    """How often each wanted string is in the child's memory, open and closed."""
    command = [sys.executable, "-m", "benchmarks.core_scan", "--child", str(path)]
    figures: dict[str, int] = {}
    prefix = "hardened_" if hardened else ""
    with subprocess.Popen(
        [*command, "--hardened"] if hardened else command,
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
    ) as process:
        assert process.stdout is not None
        assert process.stdin is not None
        for point in ("open", "closed"):
            process.stdout.readline()
            memory = memory_of(process.pid)
            for name, value in wanted.items():
                figures[f"{prefix}{name}_{point}"] = memory.count(value)
            process.stdin.write("\n")
            process.stdin.flush()
    return figures


def _secrets(path: Path, passphrase: bytes) -> dict[str, bytes]:
    file = keyslots.read(path / "keyslots.json")
    master, _ = keyslots.open_slot(file, Passphrase(bytearray(passphrase)))
    database = keyslots.unwrap_database_key(file, master)
    raw, master_raw = bytes(database.expose()), bytes(master.expose())
    return {
        "database_key_hex": raw.hex().encode(),
        "database_key": raw,
        "master_key_hex": master_raw.hex().encode(),
        "master_key": master_raw,
        "passphrase": passphrase,
    }


def main() -> None:
    """Prepare a profile, look into both children, and print what was found."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--json", action="store_true")
    parser.add_argument("--hardened", action="store_true", help=argparse.SUPPRESS)
    parser.add_argument("--child", help=argparse.SUPPRESS)
    arguments = parser.parse_args()
    if arguments.child:
        child(Path(arguments.child), hardened=arguments.hardened)
        return
    home = Path(tempfile.mkdtemp(prefix="homeward-core-"))
    try:
        passphrase = os.urandom(16).hex().encode()
        record = os.urandom(12).hex()  # in no source file, so only records hold it
        (home / "passphrase").write_bytes(passphrase)
        unlock = Passphrase(bytearray(passphrase))
        with create_profile(home / "p", unlock=[unlock], cost=FASTEST).profile as profile:
            for number in range(_RECORDS):
                profile.notes.add(f"{record} {number}")
        wanted = {**_secrets(home / "p", passphrase), "record": record.encode()}
        figures = {
            **scan(home / "p", wanted, hardened=False),
            **scan(home / "p", wanted, hardened=True),
        }
    finally:
        shutil.rmtree(home)
    report(figures, as_json=arguments.json)


if __name__ == "__main__":
    main()
