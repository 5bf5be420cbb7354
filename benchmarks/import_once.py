"""
Imports one source in a process of its own, which `benchmarks.imports` measures and kills.

    python -m benchmarks.import_once PROFILE SOURCE

Says `ready` once the profile and the embedder are open, and at its end what the import took.
"""

import json
import resource
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from homeward import models, paths
from homeward.assistant import Assistant
from homeward.engines.onnx import open_embedder
from homeward.settings import ModelLoaders
from homeward.testing import ScriptedModel
from homeward_store import Passphrase, open_profile

UNLOCK = Passphrase("benchmark")


@contextmanager
def opened(folder: Path) -> Iterator[Assistant]:
    """Open the profile with the embedder that people have; an import asks no language model."""
    embedder = open_embedder(models.path(paths.home(), models.DEFAULT_EMBEDDING))
    embedder.embed(["ready"])
    profile = open_profile(folder, unlock=UNLOCK)
    with Assistant(profile, ModelLoaders(lambda: ScriptedModel([]), lambda: embedder)) as me:
        yield me


def peak_mib() -> float:
    """Return the most memory that this process held; `ru_maxrss` counts who started it, too."""
    status = Path("/proc/self/status")
    if status.exists():
        [line] = [one for one in status.read_text().splitlines() if one.startswith("VmHWM")]
        return int(line.split()[1]) / 1024
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / (1 << 20)  # macOS counts bytes


def main() -> None:
    """Import, and say what it took."""
    folder, source = map(Path, sys.argv[1:])
    with opened(folder) as me:
        print("ready", flush=True)
        taken = me.imports.file(source, mine=True)
        figures = {
            "cpu_s": time.process_time(),
            "peak_mib": peak_mib(),
            "items": taken.exchanges + taken.documents,
            "known": taken.known,
            "left_out": taken.left_out_count,
        }
    print(json.dumps(figures), flush=True)


if __name__ == "__main__":
    main()
