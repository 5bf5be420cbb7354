"""Defines where Homeward keeps its data."""

import os
import sys
from pathlib import Path

import platformdirs

from homeward.errors import InvalidArgument

HOME_VARIABLE = "HOMEWARD_HOME"


def home() -> Path:
    """
    The data folder: `HOMEWARD_HOME` if it is set, else `default_home()`.

    Raises:
        InvalidArgument: it begins with the home folder of a user that does not exist.
    """
    chosen = os.environ.get(HOME_VARIABLE, "")
    return expanded(chosen).absolute() if chosen else default_home()


def expanded(path: str | Path) -> Path:
    """
    Return `path` with a `~` at its beginning replaced by the home folder it stands for.

    Raises:
        InvalidArgument: it names a user that this machine does not have, or nobody's home is known.
    """
    try:
        return Path(path).expanduser()
    except RuntimeError:
        user = Path(path).parts[0]
        raise InvalidArgument(f"{user} is no user's home folder on this machine") from None


def default_home() -> Path:
    """
    The data folder where none was chosen.

    The folder `homeward` of the running virtual environment, if there is one, as `make` sets it up
    in a checkout: what it pulled is then found by every command of that environment. Else the
    platform's place for app data.
    """
    beside = Path(sys.prefix, "homeward")
    if sys.prefix != sys.base_prefix and beside.is_dir():
        return beside
    return platformdirs.user_data_path("homeward", appauthor=False)


def models_folder(home: Path) -> Path:
    """Where pulled models lie; each has a folder of its own name."""
    return home / "models"


def profiles_folder(home: Path) -> Path:
    """Where encrypted profiles lie; each has a folder of its own name."""
    return home / "profiles"


def pins_file(home: Path) -> Path:
    """The pins of models by their hub name, as they were met first; the file need not exist."""
    return home / "models.lock.json"


def own_entries(home: Path) -> Path:
    """The person's own catalogue entries; the file need not exist."""
    return home / "models.toml"
