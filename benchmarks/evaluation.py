"""
The evaluation data and its scorers: others wrote them, and they are not part of the repository.

`--data DIR` or `HOMEWARD_EVAL` names a folder with `dev/*.jsonl` and `scoring/score.py`;
`--split` names another half beside `dev`, for judging. A report says which half it is of: what was
fitted to `dev` is in sample there.
"""

import argparse
import importlib.util
import os
import sys
from pathlib import Path
from types import ModuleType
from typing import Any

from benchmarks.report import Figure


def add_data(parser: argparse.ArgumentParser) -> None:
    """Let the command line name the data and the half of it that is scored."""
    parser.add_argument("--data", type=Path, help="folder of the evaluation data")
    parser.add_argument("--split", default="dev", help="what it lacks is taken from dev")


def scorers(data: Path | None, split: str = "dev") -> ModuleType:
    """
    Load the scorers of the data folder; where they ask for `dev`, they are given `split`.

    Raises:
        SystemExit: no folder was named, it holds no scorers, or it has no such half.
    """
    folder = data or (Path(os.environ["HOMEWARD_EVAL"]) if "HOMEWARD_EVAL" in os.environ else None)
    if folder is None:
        sys.exit("name the evaluation data: --data DIR or HOMEWARD_EVAL")
    script = folder / "scoring" / "score.py"
    if not script.is_file():
        sys.exit(f"{folder} holds no scoring/score.py")
    if not any((folder / split).glob("*.jsonl")):
        known = ", ".join(sorted({one.parent.name for one in folder.glob("*/*.jsonl")}))
        sys.exit(f"{folder} has no split {split!r}; it has {known}")
    os.environ["HOMEWARD_EVAL"] = str(folder)  # the scorers read their data below it
    spec = importlib.util.spec_from_file_location("homeward_scorers", script)
    if spec is None or spec.loader is None:
        sys.exit(f"{script} is not a Python module")
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    load = module.load
    halves: dict[str, str] = {}  # of which each file was taken

    def load_half(asked: str, name: str) -> Any:  # noqa: ANN401  rows of whatever a file holds
        there = (folder / split / f"{name}.jsonl").is_file()
        halves[name] = split if there else asked
        return load(halves[name], name)

    vars(module).update(load=load_half, HALVES=halves)
    return module


def provenance(score: ModuleType, *, embedder: str = "", model: str = "") -> dict[str, Figure]:
    """Return what a figure is worth: the half that it is of, and the models it was made with."""
    halves: dict[str, str] = score.HALVES
    fitted = sorted(name for name, half in halves.items() if half == "dev")
    judged = sorted(set(halves) - set(fitted))
    in_sample = f"in part: {', '.join(fitted)}" if judged else "yes: rules were fitted to dev"
    return {
        "split": ", ".join(sorted(set(halves.values()))),
        "in_sample": in_sample if fitted else "no",
        "embedder": embedder or "none",
        "model": model or "none",
    }
