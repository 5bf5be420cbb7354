"""
A profile's folder fixes where each file lies and locks the profile to one process.

Knows names and the lock; no key and no database. One process holds a profile at a time: two would
each keep vectors of what the other has forgotten, and a rotation would swap the file under the
other's feet.
"""

import os
import re
import sys
from pathlib import Path

from homeward_store import files
from homeward_store.errors import KeyslotsMissing, ProfileInUse, ProfileMissing

_STORE = re.compile(r"store-(\d+)\.db(-wal|-shm|-journal)?")


class Folder:
    """The files of one profile."""

    def __init__(self, path: Path) -> None:
        self.path = path
        self.keyslots = path / "keyslots.json"
        self.anchor = path / "anchor.json"
        self.blobs = path / "blobs"
        self._lock_file = path / "lock"
        self._lock: int | None = None

    def store(self, epoch: int) -> Path:
        """The database of an epoch."""
        return self.path / f"store-{epoch}.db"

    def holds_profile(self) -> bool:
        """Tell whether a profile lies here, be it one whose key file is lost."""
        if not self.path.is_dir() or self.path.suffix == files.PARTIAL:
            return False
        return self.keyslots.exists() or any(
            _STORE.fullmatch(one.name) for one in self.path.iterdir()
        )

    def require(self) -> None:
        """
        Go on only if a profile lies here.

        Raises:
            ProfileMissing: nothing here. KeyslotsMissing: a database without its key file.
        """
        if self.keyslots.exists():
            return
        if self.holds_profile():
            raise KeyslotsMissing(f"{self.path.name} holds a database, but no key file")
        raise ProfileMissing(f"no profile in {self.path.name}")

    def lock(self) -> None:
        """
        Keep every other process, and every other object in this one, out until `unlock`.

        The operating system ends the lock with the process, however that ends.

        Raises:
            ProfileInUse: someone else has it. StoreUnwritable: no access to the folder.
        """
        with files.translated(self._lock_file):
            handle = os.open(self._lock_file, os.O_CREAT | os.O_RDWR, files.PRIVATE_FILE)
        try:
            _lock_now(handle)
        except OSError:
            os.close(handle)
            raise ProfileInUse(f"{self.path.name} is open elsewhere") from None
        self._lock = handle

    def unlock(self) -> None:
        """Let others in."""
        if self._lock is not None:
            os.close(self._lock)
            self._lock = None

    def tidy(self, *, epoch: int) -> None:
        """Sweep, and put back the blob folder if a copy of the profile has left it out."""
        with files.translated(self.blobs):
            self.blobs.mkdir(mode=files.PRIVATE_FOLDER, exist_ok=True)
            self.sweep(epoch=epoch)

    def sweep(self, *, epoch: int) -> None:
        """Remove what a crash left: half-written files and databases of other epochs."""
        for one in [*self.path.iterdir(), *self.blobs.iterdir()]:
            store = _STORE.fullmatch(one.name)
            if one.suffix == files.PARTIAL or (store and int(store[1]) != epoch):
                one.unlink()


if sys.platform == "win32":  # pragma: no cover
    import msvcrt

    def _lock_now(handle: int) -> None:
        msvcrt.locking(handle, msvcrt.LK_NBLCK, 1)

else:
    import fcntl

    def _lock_now(handle: int) -> None:
        fcntl.flock(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
