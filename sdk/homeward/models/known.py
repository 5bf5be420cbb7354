"""Refuses the name of a model that does not exist, when it is given."""

import difflib
from pathlib import Path

from homeward.errors import ModelNotFound
from homeward.models.catalogue import catalogue
from homeward.models.entry import HUB
from homeward.models.pull import installed, is_path, path


def check_known(home: Path, name: str) -> None:
    """
    Refuse a name that is neither a file, nor a model that is here or could be pulled.

    Raises:
        ModelNotFound: with the nearest names that there are.
    """
    if is_path(name):
        path(home, name)
        return
    known = {one.name for one in catalogue(home)} | {one.name for one in installed(home)}
    if name not in known and not name.startswith(HUB):
        near = difflib.get_close_matches(name, known, n=3, cutoff=0.5)
        raise ModelNotFound(
            f"there is no model called {name!r}"
            + (f"; near it are {', '.join(near)}" if near else "")
            + ". `homeward models list` shows all; a file's name ends in .gguf"
        )
