"""
Start-up: what an app waits for, and what it installs.

`import_ms`: processor milliseconds of a new process that imports homeward, less those of one that
imports nothing; the median of several. Processor time, because other load does not stretch it.
Names are fetched when they are first used: `first_use_ms` is the same, with `homeward.open` named.
`open_to_recall_s`: in a new process that has imported homeward, from `homeward.open` by passphrase
(Argon2id as it is shipped) to the first `recall` over 1000 memories, by the clock.
`base_install_mb`: bytes of the installed files of homeward's base dependencies and all that they
need, without models, tests' tools or extras.
"""

import argparse
import importlib.metadata
import json
import re
import resource
import statistics
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from pathlib import Path

from packaging.requirements import Requirement

from benchmarks.report import report
from homeward import models, paths
from homeward.assistant import Assistant
from homeward.engines.onnx import open_embedder
from homeward.settings import ModelLoaders
from homeward.testing import ScriptedModel
from homeward_store import Passphrase, create_profile

MEMORIES = 1000
BARS = {"import_ms": 150, "open_to_recall_s": 3.0, "base_install_mb": 160}

OPENING = """
import json, sys, time
from pathlib import Path
import homeward
began, cpu = time.perf_counter(), time.process_time()
with homeward.open("ada", unlock=homeward.Passphrase("benchmark"), home=Path(sys.argv[1])) as me:
    opened = time.perf_counter()
    found = me.recall("What did I say about lighthouse 37?")
    done = time.perf_counter()
    seconds = {"open": opened - began, "recall": done - opened, "cpu": time.process_time() - cpu}
    print(json.dumps(seconds | {"found": len(found)}))
"""


def import_milliseconds(code: str, repeats: int) -> float:
    """Return the median of processes that run `code`, less that of processes that do nothing."""

    def median(code: str) -> float:
        return statistics.median(processor_seconds(code) for _ in range(repeats))

    processor_seconds(code)  # its bytecode is written once
    return 1000 * (median(code) - median("pass"))


def processor_seconds(code: str) -> float:
    """Return the processor seconds of a process that runs `code`."""
    before = resource.getrusage(resource.RUSAGE_CHILDREN)
    subprocess.run([sys.executable, "-c", code], check=True)
    after = resource.getrusage(resource.RUSAGE_CHILDREN)
    return after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime


def make_profile(home: Path) -> None:
    """Make Ada's data folder, with notes and the models."""
    (home / "models").symlink_to(paths.home() / "models")
    made = create_profile(home / "profiles" / "ada", unlock=[Passphrase("benchmark")])
    embedder = open_embedder(models.path(home, models.DEFAULT_EMBEDDING))
    with Assistant(made.profile, ModelLoaders(ScriptedModel, lambda: embedder)) as me:
        for number in range(MEMORIES):
            me.remember(f"Lighthouse {number} has {number * 37 % 211} steps and a keeper.")


def opening(home: Path, repeats: int) -> list[dict[str, float]]:
    """Open and recall in new processes."""
    runs = [
        subprocess.run(
            [sys.executable, "-c", OPENING, str(home)], check=True, capture_output=True, text=True
        )
        for _ in range(repeats)
    ]
    return [json.loads(run.stdout) for run in runs]


def installed_megabytes() -> dict[str, float]:
    """Return the size of each base distribution that is installed, largest first."""
    sizes = {}
    for name in sorted(_closure("homeward")):
        distribution = importlib.metadata.distribution(name)
        files = [Path(str(file.locate())) for file in distribution.files or []]
        sizes[name] = sum(file.stat().st_size for file in files if file.is_file()) / 1e6
    # Installed for editing, the distribution holds no code: count the packages themselves.
    root = Path(__file__).parents[1]
    sources = [root / "sdk/homeward", root / "local_store/homeward_store", root / "federated"]
    code = [file for one in sources for file in one.rglob("*") if "__pycache__" not in file.parts]
    sizes["homeward"] = sum(file.stat().st_size for file in code if file.is_file()) / 1e6
    return dict(sorted(sizes.items(), key=lambda pair: -pair[1]))


def _closure(name: str) -> set[str]:
    """Return a distribution and all that it needs here, without extras."""
    found: set[str] = set()
    waiting = [name]
    while waiting:
        one = waiting.pop()
        if one not in found:
            found.add(one)
            waiting.extend(_needs(one))
    return found


def _needs(name: str) -> Iterator[str]:
    for line in importlib.metadata.requires(name) or []:
        needed = Requirement(line)
        if needed.marker is None or needed.marker.evaluate({"extra": ""}):
            yield re.sub(r"[-_.]+", "-", needed.name).lower()


def main() -> None:
    """Measure the three and print them with their bars."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--repeats", type=int, default=9)
    parser.add_argument("--json", action="store_true")
    arguments = parser.parse_args()
    sizes = installed_megabytes()
    with tempfile.TemporaryDirectory() as folder:
        make_profile(Path(folder))
        runs = opening(Path(folder), max(3, arguments.repeats // 3))
    if not all(run["found"] for run in runs):
        raise RuntimeError("recall found nothing")
    largest = list(sizes)[:4]
    report(
        {
            "import_ms": import_milliseconds("import homeward", arguments.repeats),
            "first_use_ms": import_milliseconds(
                "import homeward; homeward.open", arguments.repeats
            ),
            "numpy_ms": import_milliseconds("import numpy", arguments.repeats),
            "open_to_recall_s": statistics.median(run["open"] + run["recall"] for run in runs),
            "open_to_recall_cpu_s": statistics.median(run["cpu"] for run in runs),
            "open_s": statistics.median(run["open"] for run in runs),
            "base_install_mb": sum(sizes.values()),
            "base_distributions": len(sizes),
            "largest": ", ".join(f"{name} {sizes[name]:.0f}" for name in largest),
            **{f"bar_{name}": bar for name, bar in BARS.items()},
        },
        as_json=arguments.json,
    )


if __name__ == "__main__":
    main()
