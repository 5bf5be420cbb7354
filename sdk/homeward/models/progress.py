"""What a pull tells whoever watches it."""

from collections.abc import Callable
from dataclasses import dataclass
from enum import StrEnum


class Stage(StrEnum):
    """What a pull is doing."""

    WAITING = "waiting"  # another process pulls the same model
    DOWNLOADING = "downloading"
    CHECKING = "checking"
    CONVERTING = "converting"
    MEASURING = "measuring"


@dataclass(frozen=True, slots=True)
class Progress:
    """One step of a pull."""

    stage: Stage
    what: str  # a file's name
    done: int = 0  # bytes
    total: int | None = None  # bytes; None where it cannot be told


Report = Callable[[Progress], None]


def silent(_: Progress) -> None:
    """Report to nobody."""
