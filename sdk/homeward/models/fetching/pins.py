"""
Models by their hub name are pinned when they are first pulled: `models.lock.json` keeps the pins.

A pin is a table of `pinned.toml`'s form: revision, size and SHA-256 as the hub named them then.
Nobody else confirms them, unlike the catalogue's; from then on, another file is refused.
"""

import json
from pathlib import Path
from typing import Any

from homeward import paths
from homeward.errors import BadCatalogue
from homeward.models.catalogue import entry_of
from homeward.models.disk import lock, write_whole, writing
from homeward.models.entry import CatalogueEntry
from homeward.models.progress import DownloadProgress, DownloadStage, silent


def find(name: str, home: Path) -> CatalogueEntry | None:
    """
    The entry that was pinned for the hub name `name`; None where it was never pulled.

    Raises:
        BadCatalogue: the file of pins cannot be read.
    """
    table = _read(paths.pins_file(home)).get(name)
    try:
        return None if table is None else entry_of(name, table)
    except (KeyError, TypeError, ValueError, AttributeError) as err:
        raise BadCatalogue(f"{paths.pins_file(home)}, {name}: {err}") from err


def keep(name: str, table: dict[str, Any], home: Path) -> CatalogueEntry:
    """
    Pin `name` as `table` describes it, unless it is pinned already; return what is pinned.

    Raises:
        ValueError, KeyError, TypeError: `table` describes no entry; nothing was kept.
        CannotWrite: no permission or no room. BadCatalogue: as `find`.
    """
    entry = entry_of(name, table)
    file = paths.pins_file(home)
    waiting = DownloadProgress(DownloadStage.WAITING, file.name)
    with writing(home):
        home.mkdir(parents=True, exist_ok=True)
        with lock(file.with_suffix(".lock"), waiting=waiting, report=silent):
            pins = _read(file)
            if name in pins:
                return entry_of(name, pins[name])
            write_whole(file, json.dumps(pins | {name: table}, indent=2, sort_keys=True) + "\n")
    return entry


def _read(file: Path) -> dict[str, Any]:
    try:
        pins = json.loads(file.read_text(encoding="utf-8"))
    except FileNotFoundError:
        return {}
    except (OSError, ValueError) as err:
        raise BadCatalogue(f"{file} cannot be read: {err}") from err
    if not isinstance(pins, dict):
        raise BadCatalogue(f"{file} is no table of pins")
    return pins
