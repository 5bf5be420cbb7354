"""
The manifest records a pulled model and is written last: with it, the model is whole.

Knows the file's form. The hashes are of the files as they lie on this disk, derived ones included.
"""

import json
from collections.abc import Mapping
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import Any

from homeward.errors import ModelCorrupt, ModelNotFound
from homeward.models.disk import sha256, write_whole
from homeward.models.entry import ModelUse

NAME = "manifest.json"
_FORMAT = 1


@dataclass(frozen=True, slots=True)
class StoredFile:
    """A file of a pulled or imported model."""

    name: str  # in the model's folder; of an imported one its absolute path
    bytes: int
    sha256: str
    projects: bool = False  # it is what a language model sees images with


@dataclass(frozen=True, slots=True)
class ModelManifest:
    """What was pulled or imported, and which of its files is used."""

    name: str
    kind: ModelUse
    context: int
    chat_template: str | None
    used: str  # a name in `files`
    files: tuple[StoredFile, ...]
    measured: Mapping[str, float] = field(default_factory=dict)  # why `used` was chosen

    @property
    def sha256(self) -> str:
        """SHA-256 of the file that is used, hex."""
        return next(file.sha256 for file in self.files if file.name == self.used)

    @property
    def projectors(self) -> tuple[StoredFile, ...]:
        """The files that a language model sees images with."""
        return tuple(one for one in self.files if one.name != self.used and one.projects)

    @property
    def origin(self) -> str:
        """How it came: "pulled", or "imported" where its files are another program's."""
        return "imported" if Path(self.used).is_absolute() else "pulled"

    @property
    def remedy(self) -> str:
        """What to do where a file of it is missing or damaged."""
        if self.origin == "imported":
            return f"another program changed or removed it: import {self.name} again"
        return f"pull {self.name} again"


def unchanged(record: ModelManifest, file: Path) -> str:
    """
    The SHA-256 of `file`, which `record` says is used.

    Raises:
        ModelCorrupt: it is another file by now. ModelNotFound: it cannot be read.
    """
    try:
        found = sha256(file)
    except OSError as err:
        raise ModelNotFound(f"{file} cannot be read: {err.strerror}; {record.remedy}") from err
    if found != record.sha256:
        raise ModelCorrupt(f"{file} is not what it was; {record.remedy}")
    return found


def stored(path: Path) -> StoredFile:
    """The record of the file at `path`, in its model's folder."""
    return StoredFile(path.name, path.stat().st_size, sha256(path), "mmproj" in path.name)


def write(folder: Path, manifest: ModelManifest) -> None:
    """Write `manifest` into `folder`; the model counts as pulled from here on."""
    content = {"format": _FORMAT, **asdict(manifest)}
    write_whole(folder / NAME, json.dumps(content, indent=2) + "\n")


def read(folder: Path) -> ModelManifest:
    """
    The manifest of the model in `folder`.

    Raises:
        ModelNotFound: there is none: nothing was pulled, or a pull did not finish.
        ModelCorrupt: it cannot be read.
    """
    try:
        content = json.loads((folder / NAME).read_text(encoding="utf-8"))
        return _manifest(content)
    except FileNotFoundError:
        raise ModelNotFound(
            f"the model {folder.name!r} was not pulled: it is not in {folder.parent}"
        ) from None
    except NotADirectoryError:
        raise ModelCorrupt(f"{folder} is a file, and no GGUF file") from None
    except (OSError, ValueError, KeyError, TypeError, StopIteration) as err:
        raise ModelCorrupt(f"{folder / NAME} cannot be read: {err}; pull again") from err


def _manifest(content: dict[str, Any]) -> ModelManifest:
    if content["format"] != _FORMAT:
        raise ValueError(f"its format is {content['format']!r}, not {_FORMAT}")
    manifest = ModelManifest(
        name=content["name"],
        kind=ModelUse(content["kind"]),
        context=content["context"],
        chat_template=content["chat_template"],
        used=content["used"],
        files=tuple(StoredFile(**file) for file in content["files"]),
        measured=content["measured"],
    )
    if manifest.used not in {file.name for file in manifest.files}:
        raise ValueError(f"it uses {manifest.used!r}, which is none of its files")
    return manifest
