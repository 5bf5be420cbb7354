"""
Tells what changed in a folder since its files were read. Pure.

Who watched meanwhile makes no difference: what was written while nobody did is found the same way.
"""

from collections.abc import Collection, Mapping
from dataclasses import dataclass

SETTLED = 2.0  # seconds without a change, after which a file counts as written to its end


@dataclass(frozen=True, slots=True)
class FileState:
    """What the file system says of a file."""

    size: int
    changed_at: int  # nanoseconds since 1970: what a program may set as it likes
    touched_at: float  # seconds since 1970, of the last change of anything: what none may set


@dataclass(frozen=True, slots=True)
class Changes:
    """Names of files: those to read, those that are gone, and those to look at again soon."""

    to_read: tuple[str, ...] = ()
    gone: tuple[str, ...] = ()
    waiting: tuple[str, ...] = ()


def changes(
    found: Mapping[str, FileState],
    known: Mapping[str, tuple[int, int]],
    *,
    now: float,
    missed: Collection[str] = (),
) -> Changes:
    """
    Compare the files of a folder with what they were when they were read: size and time of change.

    `missed` are the files that were missing when the folder was last looked at, `SETTLED` ago or
    longer: some programs save a file by removing it first. `now`: seconds since 1970.

    Guarantees:
        A file that is being written is read once it has settled. Nothing counts as gone while a
        file waits, which may be the same one under another name, nor where no file is left at all:
        the disk that the folder lies on may not be there.
    """
    new = [name for name, state in found.items() if known.get(name) != _as_read(state)]
    waiting = [name for name in new if not _is_settled(found[name], now)]
    missing = known.keys() - found.keys()
    gone = missing & set(missed) if found and not waiting else set()
    return Changes(
        tuple(sorted(set(new) - set(waiting))),
        tuple(sorted(gone)),
        tuple(sorted({*waiting, *((missing - gone) if found else ())})),
    )


def _as_read(state: FileState) -> tuple[int, int]:
    return state.size, state.changed_at


def _is_settled(state: FileState, now: float) -> bool:
    return not 0 <= now - state.touched_at < SETTLED  # after now: a clock was set back
