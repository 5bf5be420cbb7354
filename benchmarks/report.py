"""How every benchmark prints: lines for people, or one flat JSON object as the last line."""

import json
import os
import platform
import sys
from collections.abc import Mapping

from homeward.learning.controls import TrainingProgress

Figure = float | int | str


def machine() -> dict[str, Figure]:
    """Name the machine, so that a figure is never read without it."""
    return {
        "machine": f"{platform.machine()}, {os.cpu_count()} cores, {platform.system()}",
        "python": platform.python_version(),
        "load": round(os.getloadavg()[0], 2),
    }


def report(figures: Mapping[str, Figure], *, as_json: bool) -> None:
    """Print the figures and the machine that they were measured on."""
    flat = {**figures, **machine()}
    if as_json:
        print(json.dumps(flat))
        return
    width = max(map(len, flat))
    for name, figure in flat.items():
        shown = f"{figure:.4g}" if isinstance(figure, float) else figure
        print(f"{name:<{width}}  {shown}")


def show_progress(progress: TrainingProgress) -> None:
    """Tell where learning stands, beside the figures."""
    print(f"{progress.epoch}.{progress.step} {progress.loss:.3f}", file=sys.stderr)
