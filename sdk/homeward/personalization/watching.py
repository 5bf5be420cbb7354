"""
Keeps what was taken from folders up to date: what is new or changed comes in, as imports read it.

Nothing is watched that the person did not add. A folder is looked through as a whole, so that it
makes no difference whether somebody watched when it changed.
"""

import os
import time
from collections import Counter
from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace
from pathlib import Path
from threading import Event

from homeward.errors import CannotRead
from homeward.importing import Report, Taken, silent
from homeward.importing.folder import UNREADABLE
from homeward.importing.sources import files_of
from homeward.importing.watching.changes import SETTLED, Changes, FileState, changes
from homeward.personalization.imports import Imports
from homeward_store import (
    Origin,
    Profile,
    Receipt,
    Selection,
    Source,
    SourceKind,
    TurnId,
    WatchedFile,
    WatchedFolder,
    WritingId,
)
from homeward_store.typed import doors

_AT_ONCE = 20  # files of a folder in one look, after which one may be told to stop
_MOST_WAITS = 20  # for files that never settle
_NOW_AND_THEN = 60.0  # seconds; a network drive tells of no changes, and power comes back


@dataclass(frozen=True, slots=True)
class Looked:
    """
    What came of looking through one folder.

    `taken`: by the names of the files that were read. `receipts`: of what was forgotten with files
    that are gone. `waiting`: files that are being written, or were just removed. `more`: files
    that the next look reads. `there`: whether the folder could be looked through; where not,
    nothing was done.
    """

    folder: WatchedFolder
    there: bool = True
    taken: tuple[tuple[str, Taken], ...] = ()
    receipts: tuple[Receipt, ...] = ()
    waiting: int = 0
    more: int = 0


Told = Callable[[Looked], None]


@doors
class Watching:
    """
    The folders that the person gave to be watched.

    Guarantees:
        Links are not followed, so nothing outside a folder is read. What is known of a folder lies
        in the encrypted profile. Killed at any point, the next look goes on where it was.
    """

    def __init__(
        self, profile: Profile, imports: Imports, *, forget: Callable[[Selection], Receipt]
    ) -> None:
        self._profile, self._watched, self._imports = profile, profile.watched, imports
        self._forget = forget
        self._missing = dict[tuple[int, str], float]()  # since when, by folder and file

    def add(
        self, folder: Path, *, mine: bool = False, i_am: str | None = None, forgets: bool = False
    ) -> WatchedFolder:
        """
        Watch a folder from now on; its files come in with the next `look` or `run`.

        `mine`: the person wrote its documents. `i_am`: the name by which they write in chats.
        `forgets`: what a file gave is forgotten once the file is deleted; else it stays.

        Raises:
            CannotRead: there is no such folder.
        """
        real = _real(folder)
        if not real.is_dir():
            raise CannotRead(f"{folder.name}: it is no folder")
        origin = Origin.PERSON if mine else Origin.DOCUMENT
        return self._watched.add(str(real), origin=origin, i_am=i_am, forgets=forgets)

    def remove(self, folder: Path) -> None:
        """
        Watch a folder no more; what came from it stays.

        Raises:
            NotFound: it is not watched.
        """
        self._watched.remove(str(_real(folder)))

    def all(self) -> list[WatchedFolder]:
        """Every watched folder, the oldest first."""
        return self._watched.all()

    def files(self, folder: WatchedFolder) -> list[WatchedFile]:
        """The files of a folder that were read, and what was left out of each."""
        return self._watched.files(folder.id)

    def look(self, *, report: Report = silent) -> list[Looked]:
        """
        Look through every folder once: read what is new or changed, forget what is gone.

        Reads twenty files of each folder at most: look again where there are `more`. A file that is
        being written is not read yet: look again after `SETTLED` seconds.

        Raises:
            ModelNotFound, ModelCorrupt: the embedder cannot be loaded.
        """
        return [self._look(one, report) for one in self.all()]

    def catch_up(self, *, report: Report = silent, told: Told = lambda _: None) -> None:
        """Look until everything is read, and for files that do not settle only for a while."""
        waits = 0
        while waits < _MOST_WAITS:
            looked = self._told(told, report)
            if any(one.more for one in looked):
                continue
            if not any(one.waiting for one in looked):
                return
            waits += 1
            time.sleep(SETTLED)

    def run(
        self,
        stop: Event,
        *,
        told: Told = lambda _: None,
        quiet: Callable[[], bool] = bool,
        report: Report = silent,
    ) -> None:
        """
        Look whenever something changes, until `stop` is set; while it is to be `quiet`, only wait.

        Needs the extra `watch`. Folders that are added later are not watched by this call.

        Raises:
            ModuleNotFoundError: the extra is not installed.
        """
        from homeward.importing.watching.wakeups import wakeups

        there = [Path(one.path) for one in self.all() if Path(one.path).is_dir()]
        for _ in wakeups(there, stop, at_least=_NOW_AND_THEN):
            while not stop.is_set() and not quiet():
                looked = self._told(told, report)
                if any(one.more for one in looked):
                    continue
                if not any(one.waiting for one in looked):
                    break
                stop.wait(SETTLED)

    def _told(self, told: Told, report: Report) -> list[Looked]:
        looked = self.look(report=report)
        for one in looked:
            told(one)
        return looked

    def _look(self, watched: WatchedFolder, report: Report) -> Looked:
        skipped = Counter[str]()
        found = dict(_states(Path(watched.path), skipped))
        if not found or skipped[UNREADABLE]:
            return Looked(watched, there=Path(watched.path).is_dir())
        known = {one.name: (one.size, one.changed_at) for one in self.files(watched)}
        changed = changes(found, known, now=time.time(), missed=self._missed(watched, found, known))
        now, more = changed.to_read[:_AT_ONCE], changed.to_read[_AT_ONCE:]
        taken = tuple((name, self._read(watched, name, found[name], report)) for name in now)
        receipts = () if more else self._gone(watched, changed)  # one may be there by another name
        self._watched.looked(watched.id)
        waiting = len(changed.waiting)
        return Looked(watched, taken=taken, receipts=receipts, waiting=waiting, more=len(more))

    def _missed(
        self, watched: WatchedFolder, found: dict[str, FileState], known: dict[str, tuple[int, int]]
    ) -> list[str]:
        """Return the files that have been missing for a while; note those that are from now on."""
        now = time.monotonic()
        missing = {(watched.id, name) for name in known.keys() - found.keys()}
        others = {one: at for one, at in self._missing.items() if one[0] != watched.id}
        self._missing = others | {one: self._missing.get(one, now) for one in missing}
        return [name for one, name in missing if now - self._missing[one, name] >= SETTLED]

    def _read(self, watched: WatchedFolder, name: str, state: FileState, report: Report) -> Taken:
        file = WatchedFile(name, size=-1, changed_at=0)  # as no file is, until it was read whole
        self._watched.read(watched.id, file)

        def noted(digest: bytes, source: Source | None) -> None:
            self._watched.held(watched.id, name, [digest])
            if source is not None:
                self._watched.became(digest, source)

        taken = self._imports.file_of(
            Path(watched.path),
            name,
            origin=watched.origin,
            i_am=watched.i_am,
            noted=noted,
            report=report,
        )
        why = taken.left_out[0].why if taken.left_out else None
        self._watched.read(
            watched.id,
            replace(
                file,
                size=state.size,
                changed_at=state.changed_at,
                left_out=taken.left_out_count,
                why=why,
            ),
        )
        return taken

    def _gone(self, watched: WatchedFolder, changed: Changes) -> tuple[Receipt, ...]:
        """Forget together what the files gave that are gone; or leave it, as the person wishes."""
        receipts = list[Receipt]()
        if changed.gone and watched.forgets:
            selection = self._there(self._watched.gave(watched.id, changed.gone))
            if selection.turns or selection.writings:
                receipts.append(self._forget(selection))
        self._watched.gone(watched.id, changed.gone, forgotten=watched.forgets)
        return tuple(receipts)

    def _there(self, sources: list[Source]) -> Selection:
        """Select those of the records that the person has not forgotten already."""
        turns = (TurnId(one) for kind, one in sources if kind is SourceKind.TURN)
        writings = (WritingId(one) for kind, one in sources if kind is SourceKind.WRITING)
        return Selection(
            turns=tuple(one for one in turns if self._profile.turns.get(one)),
            writings=tuple(one for one in writings if self._profile.writings.get(one)),
        )


def _real(folder: Path) -> Path:
    return Path(os.path.realpath(folder.expanduser()))


def _states(folder: Path, skipped: Counter[str]) -> Iterator[tuple[str, FileState]]:
    for name, path in files_of(folder, skipped):
        try:
            state = path.lstat()
        except OSError:
            continue  # removed since it was listed
        yield name, FileState(state.st_size, state.st_mtime_ns, state.st_ctime)
