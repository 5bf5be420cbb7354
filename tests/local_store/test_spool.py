"""What came through a pipe: read as often as needed, unreadable on the disk, gone at the end."""

import os
import random
import signal
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from homeward_store.errors import SealedFileCorrupt
from homeward_store.keys import sealing
from homeward_store.spool import Spool

WORDS = b"I live in Porto. "
CHILD = """
import sys, time
from pathlib import Path
from homeward_store.spool import Spool

spool = Spool(Path(sys.argv[1]), [b"I live in Porto. " * 100_000])
print(sum(map(len, spool.open())), flush=True)
time.sleep(60)
"""


@pytest.mark.parametrize("size", [0, 1, sealing.CHUNK_BYTES, 2 * sealing.CHUNK_BYTES + 17])
def test_it_is_read_as_a_file_from_any_place_and_by_several(tmp_path: Path, size: int) -> None:
    data = random.Random(size).randbytes(size)
    pieces = [data[at : at + 99_991] for at in range(0, size, 99_991)]

    with Spool(tmp_path, pieces) as spool:
        first, second = spool.open(), spool.open()
        assert first.read() == second.read() == data
        assert first.seek(0, os.SEEK_END) == spool.size == size
        for at in (0, size // 2, size):
            first.seek(at)
            assert first.read(100) == data[at : at + 100]
        assert first.read() == data[size + 100 :]


def test_nothing_of_it_can_be_read_on_the_disk_and_no_name_stays(tmp_path: Path) -> None:
    with Spool(tmp_path, [WORDS * 200_000]) as spool:
        on_disk = os.pread(spool._file.fileno(), 8 << 20, 0)
        assert len(on_disk) > len(WORDS) * 200_000
        assert b"Porto" not in on_disk
        assert list(tmp_path.iterdir()) == []
    assert spool._key.expose() == bytearray(32)


def test_a_killed_process_leaves_nothing(tmp_path: Path) -> None:
    with subprocess.Popen(
        [sys.executable, "-c", CHILD, str(tmp_path)], stdout=subprocess.PIPE
    ) as child:
        assert child.stdout is not None
        assert int(child.stdout.readline()) == len(WORDS) * 100_000
        child.send_signal(signal.SIGKILL)

    assert list(tmp_path.iterdir()) == []


def test_a_stream_that_fails_leaves_nothing(tmp_path: Path) -> None:
    def failing() -> Iterator[bytes]:
        yield WORDS
        raise EOFError

    with pytest.raises(EOFError):
        Spool(tmp_path, failing())

    assert list(tmp_path.iterdir()) == []


def test_what_was_changed_on_the_disk_is_not_read(tmp_path: Path) -> None:
    with Spool(tmp_path, [WORDS]) as spool:
        spool._file.seek(3)
        spool._file.write(b"\0")
        with pytest.raises(SealedFileCorrupt):
            spool.open().read()
