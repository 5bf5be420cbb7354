"""Reports the progress of a pull."""

from collections.abc import Callable
from dataclasses import dataclass
from enum import StrEnum


class DownloadStage(StrEnum):
    """What a pull is doing."""

    WAITING = "waiting"  # another process pulls the same model
    DOWNLOADING = "downloading"
    CHECKING = "checking"
    CONVERTING = "converting"
    MEASURING = "measuring"


@dataclass(frozen=True, slots=True)
class DownloadProgress:
    """One step of a pull."""

    stage: DownloadStage
    what: str  # a file's name
    done: int = 0  # bytes
    total: int | None = None  # bytes; None where it cannot be told


Report = Callable[[DownloadProgress], None]


def silent(_: DownloadProgress) -> None:
    """Report to nobody."""
