"""
Registers a model file of another program, or of the person, where it lies: nothing is copied.

Its path, size and SHA-256 are recorded; where it changed or vanished, it is refused when used.
"""

import re
from pathlib import Path

from homeward import paths
from homeward.engines.gguf import check_gguf
from homeward.errors import InvalidArgument, ModelCorrupt, ModelNotFound
from homeward.models import manifest
from homeward.models.catalogue import PLAIN_NAME, catalogue
from homeward.models.disk import sha256, writing
from homeward.models.entry import ModelUse
from homeward.models.foreign import ForeignModel, foreign_models
from homeward.models.manifest import ModelManifest, StoredFile
from homeward.models.progress import DownloadProgress, DownloadStage, Report, silent


def import_model(
    what: str, home: Path, *, name: str | None = None, progress: Report = silent
) -> ModelManifest:
    """
    Make the model `what` usable under a name of its own, without copying it.

    `what` is a file's path or a name of `foreign_models`. `name` is by default made of it. Imported
    again, its hash is taken anew.

    Raises:
        ModelNotFound: there is no such file or model.
        InvalidArgument: the name is taken by a pulled model or by the catalogue, or no plain one.
        ModelCorrupt: it is no whole GGUF file, or not the one that its program names.
        UnsupportedModel: it cannot be used here. CannotWrite: no permission or room below `home`.
    """
    found = _found(what)
    name = name or _plain(found.name)
    folder = _folder(home, name)
    head = check_gguf(found.file)
    stored = _stored(found.file, progress)
    if found.sha256 not in {None, stored.sha256}:
        raise ModelCorrupt(f"{found.file} is not the file that {found.program} pulled")
    files = [stored]
    if found.projector:
        files.append(_stored(found.projector, progress, projects=True))
    record = ModelManifest(
        name=name,
        kind=ModelUse.LANGUAGE,
        context=head.number("context_length", 0),
        chat_template=None,
        used=stored.name,
        files=tuple(files),
    )
    with writing(folder):
        folder.mkdir(parents=True, exist_ok=True)
        manifest.write(folder, record)
    return record


def _found(what: str) -> ForeignModel:
    file = Path(what).expanduser()
    if file.is_file():
        file = file.absolute()
        beside = next(iter(sorted(file.parent.glob("*mmproj*.gguf"))), None)
        return ForeignModel(file.stem, "", file, None if beside == file else beside)
    there = foreign_models()
    for one in there:
        if what in {one.name, one.name.removesuffix(":latest")}:
            return one
    names = ", ".join(one.name for one in there) or "no other program has any here"
    raise ModelNotFound(f"there is no file and no other program's model {what!r}; {names}")


def _folder(home: Path, name: str) -> Path:
    """The folder of an import, which is new or an earlier import's."""
    if not re.fullmatch(PLAIN_NAME, name):
        raise InvalidArgument(f"{name!r} is no name: up to 64 of a-z, 0-9, dot, dash, underscore")
    folder = paths.models_folder(home) / name
    try:
        taken = not Path(manifest.read(folder).used).is_absolute()
    except ModelNotFound:
        taken = folder.exists()
    if taken or any(one.name == name for one in catalogue(home)):
        raise InvalidArgument(f"the name {name} is taken by another model; choose another one")
    return folder


def _stored(file: Path, progress: Report, *, projects: bool = False) -> StoredFile:
    size = file.stat().st_size
    progress(DownloadProgress(DownloadStage.CHECKING, file.name, 0, size))
    return StoredFile(str(file), size, sha256(file), projects)


def _plain(name: str) -> str:
    stem = name.rsplit("/", 1)[-1].removesuffix(".gguf").removesuffix(":latest").lower()
    return re.sub(r"[^a-z0-9._-]+", "-", stem).strip("-._")[:64] or "model"
