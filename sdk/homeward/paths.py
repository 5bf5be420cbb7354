"""Where Homeward keeps its data. Knows the folders' places, not what lies in them."""

import os
from pathlib import Path

import platformdirs

HOME_VARIABLE = "HOMEWARD_HOME"


def home() -> Path:
    """The data folder: `HOMEWARD_HOME` where it is set, else the platform's place for app data."""
    chosen = os.environ.get(HOME_VARIABLE, "")
    if chosen:
        return Path(chosen).expanduser().absolute()
    return platformdirs.user_data_path("homeward", appauthor=False)


def models_folder(home: Path) -> Path:
    """Where pulled models lie; each has a folder of its own name."""
    return home / "models"


def profiles_folder(home: Path) -> Path:
    """Where encrypted profiles lie; each has a folder of its own name."""
    return home / "profiles"


def own_entries(home: Path) -> Path:
    """The person's own catalogue entries; the file need not exist."""
    return home / "models.toml"
