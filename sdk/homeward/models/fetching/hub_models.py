"""
Models of a hub by name, `hub:OWNER/REPO:FILE`, and searching a hub for them.

Knows the interface of Hugging Face's hub, which mirrors offer too; `HF_ENDPOINT` names another, as
for that hub's own programs. Opens no connection itself.
"""

import os
import re
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from homeward.errors import DownloadFailed, InvalidArgument, ModelNotFound
from homeward.models.entry import HUB, CatalogueEntry
from homeward.models.fetching import hub, pins

ENDPOINT_VARIABLE = "HF_ENDPOINT"
_ENDPOINT = "https://huggingface.co"
_WORD = r"[A-Za-z0-9][A-Za-z0-9._-]{0,95}"
_FILE = rf"(?:{_WORD}/)*{_WORD}\.gguf"
# Licences that ask nothing of who only uses the model; all others are shown and accepted first.
_FREE = {"apache-2.0", "mit", "bsd-2-clause", "bsd-3-clause", "cc0-1.0", "cc-by-4.0", "unlicense"}
_FEW = 10  # results of a search


@dataclass(frozen=True, slots=True)
class HubName:
    """The parts of a model's hub name."""

    repository: str  # OWNER/REPO
    file: str

    @classmethod
    def of(cls, name: str) -> "HubName":
        """
        Take a name apart.

        Raises:
            InvalidArgument: it is not of the form.
        """
        found = re.fullmatch(rf"{HUB}({_WORD}/{_WORD}):({_FILE})", name)
        if not found or ".." in name:
            raise InvalidArgument(f"{name!r} is no hub name: hub:OWNER/REPO:FILE.gguf")
        if re.search(r"-\d{5}-of-\d{5}\.gguf$", name):
            raise InvalidArgument(f"{name!r} is a part of a file; choose one that is whole")
        return cls(found[1], found[2])


@dataclass(frozen=True, slots=True)
class HubRepository:
    """A repository that a search found."""

    name: str  # OWNER/REPO
    licence: str
    downloads: int  # of the last month, as the hub counts them


@dataclass(frozen=True, slots=True)
class HubFile:
    """A GGUF file of a repository."""

    name: str  # hub:OWNER/REPO:FILE
    bytes: int


def find(name: str, home: Path) -> CatalogueEntry:
    """
    The entry of a hub name: as it was pinned, or else as the hub names it now, which is pinned.

    Raises:
        InvalidArgument: `name` is no hub name. ModelNotFound: the repository has no such file.
        DownloadFailed: the hub does not answer, or names no SHA-256.
        CannotWrite, BadCatalogue: the pins cannot be written or read.
    """
    parts = HubName.of(name)
    pinned = pins.find(name, home)
    if pinned:
        return pinned
    table = _table(parts)
    try:
        return pins.keep(name, table, home)
    except (KeyError, TypeError, ValueError) as err:
        raise DownloadFailed(
            f"the hub describes {parts.file} so that it cannot be pinned: {err}"
        ) from err


def search(words: str) -> tuple[HubRepository, ...]:
    """
    Repositories with GGUF files whose name has `words`, the most downloaded first.

    Raises:
        DownloadFailed: the hub does not answer, or answers something else.
    """
    query = {"search": words, "filter": "gguf", "sort": "downloads", "limit": str(_FEW)}
    found = hub.read_json(f"{endpoint()}/api/models", query)
    if not isinstance(found, list):
        raise DownloadFailed("the hub answers a search in another form than known")
    try:
        return tuple(_repository(row) for row in found)
    except (KeyError, TypeError, ValueError, AttributeError) as err:
        raise DownloadFailed(f"the hub answers a search in another form: {err}") from err


def files(repository: str) -> tuple[HubFile, ...]:
    """
    The whole GGUF files of `repository`, the smallest first.

    Raises:
        InvalidArgument: it is no OWNER/REPO. ModelNotFound, DownloadFailed: as `find`.
    """
    if not re.fullmatch(rf"{_WORD}/{_WORD}", repository):
        raise InvalidArgument(f"{repository!r} is no repository: OWNER/REPO")
    found = []
    for row in _description(repository)["siblings"]:
        name = f"{HUB}{repository}:{row['rfilename']}"
        try:
            HubName.of(name)
        except InvalidArgument:
            continue
        found.append(HubFile(name, int(row.get("size") or 0)))
    return tuple(sorted(found, key=lambda one: one.bytes))


def endpoint() -> str:
    """
    The address of the hub.

    Raises:
        InvalidArgument: `HF_ENDPOINT` is no https address.
    """
    chosen = (os.environ.get(ENDPOINT_VARIABLE) or _ENDPOINT).rstrip("/")
    if not re.fullmatch(r"https://[^\s?#]+", chosen):
        raise InvalidArgument(f"{ENDPOINT_VARIABLE} is {chosen!r}; it starts with https://")
    return chosen


def reachable() -> bool:
    """Whether the hub answers within a moment."""
    try:
        hub.read_json(f"{endpoint()}/api/models", {"limit": "1"}, seconds=3)
    except (DownloadFailed, InvalidArgument):
        return False
    return True


def _table(name: HubName) -> dict[str, Any]:
    """What is pinned of a file, in the form of `pinned.toml`."""
    description = _description(name.repository)
    row = next((one for one in description["siblings"] if one["rfilename"] == name.file), None)
    if row is None:
        raise ModelNotFound(f"{name.repository} has no file {name.file} at {endpoint()}")
    try:
        large = row["lfs"]
        pinned = {"member": name.file, "bytes": large["size"], "sha256": large["sha256"]}
        revision = re.fullmatch(r"[0-9a-f]{40}", description["sha"])[0]  # type: ignore[index]  # None[0] is a TypeError
    except (KeyError, TypeError, ValueError) as err:
        raise DownloadFailed(f"the hub names no SHA-256 or revision of {name.file}: {err}") from err
    page = f"{endpoint()}/{name.repository}"
    licence = _licence(description)
    table: dict[str, Any] = {
        "kind": "language",
        "licence": licence,
        "summary": f"from {page}, pinned on {datetime.now(UTC):%Y-%m-%d}",
        "url": f"{page}/resolve/{revision}/",
        "files": [pinned],
    }
    if licence.lower() not in _FREE:
        table["terms"] = {"name": _plain(licence), "url": page}
    return table


def _description(repository: str) -> dict[str, Any]:
    found = hub.read_json(f"{endpoint()}/api/models/{repository}", {"blobs": "true"})
    if not isinstance(found, dict) or not isinstance(found.get("siblings"), list):
        raise DownloadFailed(f"the hub describes {repository} in another form than known")
    rows = [row for row in found["siblings"] if isinstance(row, dict) and "rfilename" in row]
    return found | {"siblings": rows}


def _repository(row: dict[str, Any]) -> HubRepository:
    return HubRepository(str(row["id"]), _licence(row), int(row.get("downloads", 0)))


def _licence(row: dict[str, Any]) -> str:
    card = row.get("cardData") or {}
    tags = [str(tag) for tag in row.get("tags", []) if str(tag).startswith("license:")]
    named = card.get("license_name") or card.get("license")
    return str(named or (tags[0].partition(":")[2] if tags else "unknown licence"))


def _plain(licence: str) -> str:
    return re.sub(r"[^a-z0-9._-]+", "-", licence.lower()).strip("-.") or "unknown"
