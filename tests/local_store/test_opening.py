"""Opening never creates, creating never overwrites, and one process holds a profile at a time."""

import os
import subprocess
import sys
import threading
from collections.abc import Callable
from pathlib import Path

import pytest

from homeward_store import (
    FASTEST,
    Passphrase,
    Profile,
    ProfileExists,
    ProfileInUse,
    ProfileMissing,
    StoreBusy,
    StoreClosed,
    StoreFull,
    StoreUnwritable,
    create_profile,
    open_profile,
)
from homeward_store.keys import keyslots

as_user = pytest.mark.skipif(os.name != "posix" or os.getuid() == 0, reason="root may do anything")


def test_a_folder_with_something_in_it_is_left_alone(
    tmp_path: Path, passphrase: Passphrase
) -> None:
    (tmp_path / "precious").write_text("photo")
    for target in (tmp_path, tmp_path / "precious"):
        with pytest.raises(ProfileExists):
            create_profile(target, unlock=[passphrase], cost=FASTEST)
    assert [one.name for one in tmp_path.iterdir()] == ["precious"]


def test_an_empty_folder_and_missing_parents_will_do(
    tmp_path: Path, passphrase: Passphrase
) -> None:
    (tmp_path / "empty").mkdir()
    for target in (tmp_path / "empty", tmp_path / "a" / "b" / "c"):
        create_profile(str(target), unlock=[passphrase], cost=FASTEST).profile.close()
        assert target.stat().st_mode & 0o077 == 0


def test_a_profile_needs_a_way_in(tmp_path: Path) -> None:
    with pytest.raises(ValueError, match="unlock"):
        create_profile(tmp_path / "p", unlock=[])


def test_nothing_is_left_of_a_profile_that_could_not_be_made(
    tmp_path: Path, passphrase: Passphrase, monkeypatch: pytest.MonkeyPatch
) -> None:
    def full(*_: object) -> None:
        raise StoreFull("no space left")

    monkeypatch.setattr(keyslots, "write", full)
    with pytest.raises(StoreFull):
        create_profile(tmp_path / "p", unlock=[passphrase], cost=FASTEST)
    assert list(tmp_path.iterdir()) == []


def test_without_a_cost_it_is_calibrated(tmp_path: Path, passphrase: Passphrase) -> None:
    create_profile(tmp_path / "p", unlock=[passphrase]).profile.close()
    slot = keyslots.read(tmp_path / "p" / "keyslots.json").slots[0]
    assert slot.cost is not None
    assert slot.cost.memory_kib >= 64 * 1024


def test_opening_what_is_not_there_makes_nothing(tmp_path: Path, passphrase: Passphrase) -> None:
    (tmp_path / "empty").mkdir()
    for target in (tmp_path / "nowhere", tmp_path / "empty"):
        with pytest.raises(ProfileMissing):
            open_profile(target, unlock=passphrase)
    assert [one.name for one in tmp_path.rglob("*")] == ["empty"]


def test_a_profile_is_open_once_in_a_process(profile: Profile, passphrase: Passphrase) -> None:
    with pytest.raises(ProfileInUse):
        open_profile(profile.path, unlock=passphrase)
    profile.close()
    open_profile(profile.path, unlock=passphrase).close()


def test_another_process_is_kept_out_and_loses_nothing(profile: Profile) -> None:
    program = (
        "import sys; from homeward_store import *\n"
        "try: open_profile(sys.argv[1], unlock=Passphrase('correct horse'))\n"
        "except ProfileInUse as error: print(type(error).__name__)\n"
    )
    profile.notes.add("before")
    said = subprocess.run(
        [sys.executable, "-c", program, str(profile.path)],
        capture_output=True,
        text=True,
        check=True,
        env={**os.environ, "PYTHONPATH": os.pathsep.join(sys.path)},
    )
    assert said.stdout.strip() == "ProfileInUse"
    profile.notes.add("after")
    assert [note.text for note in profile.notes.all()] == ["before", "after"]


def test_a_failed_opening_lets_others_in(profile: Profile, passphrase: Passphrase) -> None:
    profile.close()
    data = (profile.path / "store-1.db").read_bytes()
    for damage in (b"", data[:5000]):
        (profile.path / "store-1.db").write_bytes(damage)
        with pytest.raises(Exception, match="store-1"):
            open_profile(profile.path, unlock=passphrase)
    (profile.path / "store-1.db").write_bytes(data)
    open_profile(profile.path, unlock=passphrase).close()


def test_what_a_crash_left_is_swept(profile: Profile, reopen: Callable[[], Profile]) -> None:
    profile.close()
    left = ["store-2.db", "store-2.db-wal", "store-0.db", "keyslots.json.part", "blobs/abc.part"]
    for name in (*left, "blobs/0123"):
        (profile.path / name).write_bytes(b"left")
    (profile.path / "mine.txt").write_text("not ours")
    again = reopen()
    assert not [name for name in left if (again.path / name).exists()]
    assert list((again.path / "blobs").iterdir()) == []
    assert (again.path / "mine.txt").exists()


def test_a_closed_profile_says_so(profile: Profile) -> None:
    profile.close()
    profile.close()
    with pytest.raises(StoreClosed):
        profile.notes.all()


def test_threads_share_a_profile(profile: Profile) -> None:
    failures: list[Exception] = []

    def work(number: int) -> None:
        try:
            for step in range(20):
                with profile.transaction():
                    profile.notes.add(f"{number}/{step}")
                    profile.attributes.set("last", step)
                profile.memories.match("x", limit=1)
        except StoreBusy:
            pass  # what may happen on a very slow machine
        except Exception as error:  # noqa: BLE001
            failures.append(error)

    threads = [threading.Thread(target=work, args=(number,)) for number in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert failures == []
    assert len(profile.notes.all()) == len(profile.attributes.history("last")) > 0
    profile.check()


@as_user
def test_a_folder_that_cannot_be_written_says_so(tmp_path: Path, passphrase: Passphrase) -> None:
    tmp_path.chmod(0o500)
    try:
        with pytest.raises(StoreUnwritable):
            create_profile(tmp_path / "p", unlock=[passphrase], cost=FASTEST)
    finally:
        tmp_path.chmod(0o700)


def test_a_place_that_cannot_be_a_folder_says_so(tmp_path: Path, passphrase: Passphrase) -> None:
    (tmp_path / "file").write_text("in the way")
    with pytest.raises(StoreUnwritable):
        create_profile(tmp_path / "file" / "p", unlock=[passphrase], cost=FASTEST)


def test_a_hardened_profile_works_the_same(profile: Profile, passphrase: Passphrase) -> None:
    profile.close()
    with open_profile(profile.path, unlock=passphrase, hardened=True) as hardened:
        hardened.notes.add("n")
        hardened.check()
