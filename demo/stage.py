"""Where the demo plays: a data folder of its own, with the models that were pulled already."""

import secrets
import shutil
from pathlib import Path

import homeward
from demo.person import NAME
from homeward import Assistant, Passphrase, Settings, paths
from homeward.engine_settings import EngineSettings
from homeward.errors import InvalidArgument

DEFAULT_FOLDER = Path(__file__).parents[1] / ".demo"


def build(folder: Path) -> None:
    """Make `folder` anew: no profile, a passphrase in a file, the pulled models by a link."""
    if folder.exists() and not passphrase_file(folder).exists():
        raise InvalidArgument(f"{folder} is not a folder of an earlier demo; it is left as it is")
    shutil.rmtree(folder, ignore_errors=True)
    folder.mkdir(parents=True)
    secret = passphrase_file(folder)
    secret.touch(mode=0o600)
    secret.write_text(secrets.token_urlsafe())
    paths.models_folder(folder).symlink_to(paths.models_folder(paths.home()))


def passphrase_file(folder: Path) -> Path:
    """Return where the passphrase lies. A person would type it instead."""
    return folder / "passphrase"


def create(folder: Path, *, threads: int | None) -> Assistant:
    """Create Ada's profile."""
    settings = Settings(engine=EngineSettings(threads=threads))
    return homeward.create(NAME, unlock=_unlock(folder), home=folder, settings=settings).assistant


def reopen(folder: Path, *, threads: int | None) -> Assistant:
    """Open Ada's profile as it lies on the disk."""
    settings = Settings(engine=EngineSettings(threads=threads))
    return homeward.open(NAME, unlock=_unlock(folder), home=folder, settings=settings)


def _unlock(folder: Path) -> Passphrase:
    return Passphrase(passphrase_file(folder).read_text())
