"""
What the base install weighs on the disk, without models: Homeward and all that it depends on.

    python -m benchmarks.installed [--json]

Counts the files of each installed distribution, compiled Python included, without extras. pip
itself is left out: it is there before. Figures: base_install_mb, and the five largest by name.
"""

import argparse
from importlib.metadata import Distribution, distribution
from pathlib import Path

from packaging.requirements import Requirement
from packaging.utils import canonicalize_name

from benchmarks.report import Figure, report


def base_install() -> dict[str, float]:
    """Return the size of each distribution that `pip install homeward` brings, in MB."""
    sizes: dict[str, float] = {}
    waiting = ["homeward"]
    while waiting:
        name = canonicalize_name(waiting.pop())
        if name not in sizes:
            found = distribution(name)
            sizes[name] = _megabytes(found)
            waiting += _needed(found)
    return sizes


def _megabytes(found: Distribution) -> float:
    places = (Path(str(one.locate())) for one in found.files or ())
    return sum(place.stat().st_size for place in places if place.exists()) / 1e6


def _needed(found: Distribution) -> list[str]:
    wanted = map(Requirement, found.requires or ())
    return [one.name for one in wanted if not one.marker or one.marker.evaluate({"extra": ""})]


def main() -> None:
    """Weigh, and print."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--json", action="store_true")
    as_json = parser.parse_args().json
    sizes = base_install()
    figures: dict[str, Figure] = {"base_install_mb": round(sum(sizes.values()), 1)}
    largest = sorted(sizes.items(), key=lambda pair: -pair[1])[:5]
    figures |= {f"{name}_mb": round(size, 1) for name, size in largest}
    report(figures, as_json=as_json)


if __name__ == "__main__":
    main()
