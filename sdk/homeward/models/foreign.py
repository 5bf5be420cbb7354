"""
Finds the models of other programs on this machine: Ollama's and LM Studio's. Reads, never writes.

Ollama keeps one JSON manifest for each name and tag, whose layers name blobs by their SHA-256;
LM Studio keeps files under PUBLISHER/REPOSITORY.
"""

import json
import os
import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path

_MODEL = "application/vnd.ollama.image.model"
_PROJECTOR = "application/vnd.ollama.image.projector"
_OLLAMA = ("~/.ollama/models", "/usr/share/ollama/.ollama/models")
_LM_STUDIO = ("~/.lmstudio/models", "~/.cache/lm-studio/models")


@dataclass(frozen=True, slots=True)
class ForeignModel:
    """A model that another program has on this machine."""

    name: str  # as that program names it
    program: str
    file: Path
    projector: Path | None = None
    sha256: str | None = None  # of `file`, where that program names it


def foreign_models(environment: Mapping[str, str] = os.environ) -> tuple[ForeignModel, ...]:
    """Every model of the other programs' usual folders, by program and name."""
    chosen = environment.get("OLLAMA_MODELS")
    folders = [chosen] if chosen else _OLLAMA
    found = [one for folder in folders for one in _ollama(Path(folder).expanduser())]
    found += [one for folder in _LM_STUDIO for one in _lm_studio(Path(folder).expanduser())]
    return tuple(sorted(found, key=lambda one: (one.program, one.name)))


def _ollama(folder: Path) -> Iterator[ForeignModel]:
    for manifest in _files(folder / "manifests", "*"):
        *place, tag = manifest.relative_to(folder / "manifests").parts
        layers = _layers(manifest)
        if place and _MODEL in layers:
            digest = layers[_MODEL]
            projector = layers.get(_PROJECTOR)
            yield ForeignModel(
                name=f"{'/'.join(place).removeprefix('registry.ollama.ai/').removeprefix('library/')}:{tag}",
                program="Ollama",
                file=_blob(folder, digest),
                projector=_blob(folder, projector) if projector else None,
                sha256=digest,
            )


def _layers(manifest: Path) -> dict[str, str]:
    """The digests of a manifest's layers by media type; a file that is no manifest has none."""
    try:
        rows = json.loads(manifest.read_text(encoding="utf-8"))["layers"]
        found = {row["mediaType"]: str(row["digest"]).removeprefix("sha256:") for row in rows}
    except (OSError, ValueError, KeyError, TypeError):
        return {}
    # A digest becomes a file's name: nothing else may be in it.
    return {kind: one for kind, one in found.items() if re.fullmatch(r"[0-9a-f]{64}", one)}


def _blob(folder: Path, digest: str) -> Path:
    return folder / "blobs" / f"sha256-{digest}"


def _lm_studio(folder: Path) -> Iterator[ForeignModel]:
    for file in _files(folder, "*.gguf"):
        if "mmproj" in file.name:
            continue
        projector = next(iter(sorted(file.parent.glob("*mmproj*.gguf"))), None)
        yield ForeignModel(str(file.relative_to(folder)), "LM Studio", file, projector)


def _files(folder: Path, pattern: str) -> list[Path]:
    try:
        return [file for file in folder.rglob(pattern) if file.is_file()]
    except OSError:  # another user's folder
        return []
