"""
These values describe a model that can be pulled: its files, their pins and where they come from.

Pure; `catalogue` reads them.
"""

import hashlib
import re
from dataclasses import dataclass
from enum import StrEnum
from pathlib import Path

from homeward.models.embedding_entry import EmbeddingEntry

HUB = "hub:"  # what the names of models begin with that a hub has: hub:OWNER/REPO:FILE


def folder_of(name: str) -> str:
    """The folder of the model called `name`, below the models folder."""
    if not name.startswith(HUB):
        return name
    # Two names may differ in what a file system does not keep apart: the digest tells them apart.
    stem = re.sub(r"[^a-z0-9._-]+", "-", name.rsplit(":", 1)[1].lower().removesuffix(".gguf"))
    return f"hub-{stem[:40]}-{hashlib.sha256(name.encode()).hexdigest()[:8]}"


class ModelUse(StrEnum):
    """What a model is for."""

    LANGUAGE = "language"
    EMBEDDING = "embedding"


@dataclass(frozen=True, slots=True)
class Wheel:
    """A wheel of the package index; the person's index settings apply."""

    distribution: str
    version: str
    bytes: int
    sha256: str
    platform: str | None = None  # asked for whatever this machine is: a wheel is only read


@dataclass(frozen=True, slots=True)
class WheelSource:
    """Wheels that carry model files: several where an index takes no file as large as a model."""

    wheels: tuple[Wheel, ...]


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

    name: str  # on this disk
    members: tuple[str, ...]  # paths below the source, with slashes: its parts, in order
    bytes: int  # of the whole, as `sha256`
    sha256: str


@dataclass(frozen=True, slots=True)
class LicenceTerms:
    """Terms of use that bind the person: shown before a model is fetched, which waits for a yes."""

    name: str  # what is agreed to by: `--accept-licence NAME`
    url: str  # where its makers keep the text


@dataclass(frozen=True, slots=True)
class CatalogueEntry:
    """A model that can be pulled."""

    name: str
    kind: ModelUse
    summary: str
    licence: str
    terms: LicenceTerms | None  # None where the licence asks nothing of who only uses the model
    context: int  # tokens that the model reads at most; 0 where its file was not read yet
    chat_template: str | None  # family of the template in the GGUF file; None where there is none
    try_q8_0: bool  # requantize on pull, and use that unless it is clearly slower
    rank: int  # of the models that `models pull` proposes, the highest that fits; 0: none
    source: Source
    # A language model's GGUF file, then its projector and its notices, where it has any;
    # an embedding model's weights and tokenizer.
    files: tuple[ModelFile, ...]
    embedding: EmbeddingEntry | None = None  # None: it is a language model
