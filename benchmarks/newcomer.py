"""
The path of docs/tutorial.md, walked on its very text: from a clone to a personalized reply.

    python -m benchmarks.newcomer [--json] [--compile] [--keep DIR]

Runs the tutorial's commands in a fresh folder, then its script, against a clone of this checkout.
Needs the package index, for packages and models. pip may use wheels that it built before; with
`--compile` it builds llama.cpp anew. Figures: minutes (in all, and of each part), the commands and
lines that a person types, whether the reply streamed and named its memory, and whether it was right
(`knew`); `benchmarks.first_answers` asks the pages' questions twenty times.
"""

import argparse
import os
import re
import shlex
import subprocess
import sys
import tempfile
import time
from pathlib import Path

from benchmarks.first_answers import CAT
from benchmarks.report import Figure, report

ROOT = Path(__file__).parents[1]
TUTORIAL = ROOT / "docs" / "tutorial.md"
_BLOCK = r"<!-- newcomer: {} -->\n```\w*\n(.*?)```"


def commands() -> list[str]:
    """Return what the tutorial says to type, in order."""
    blocks = re.findall(_BLOCK.format("commands"), TUTORIAL.read_text("utf-8"), re.DOTALL)
    return [line for block in blocks for line in block.splitlines()]


def script(part: str = "script") -> str:
    """Return the tutorial's script, or another part of it."""
    [found] = re.findall(_BLOCK.format(part), TUTORIAL.read_text("utf-8"), re.DOTALL)
    return str(found)


def walk(folder: Path, *, compile_anew: bool) -> dict[str, Figure]:
    """Type the commands in `folder`; return minutes and what was seen."""
    environment = os.environ | {"HOMEWARD_HOME": str(folder / "data"), "HOMEWARD_THREADS": "1"}
    if compile_anew:
        environment |= {"PIP_NO_CACHE_DIR": "1"}
    (folder / "hello.py").write_text(script(), encoding="utf-8")
    seconds: dict[str, float] = {}
    said: list[tuple[float, bytes]] = []
    for command in commands():
        started = time.monotonic()
        said = _typed(command, folder, environment)
        seconds[command.split()[0].rpartition("/")[2] + f"_{len(seconds)}"] = (
            time.monotonic() - started
        )
    whole = b"".join(piece for _, piece in said).decode()
    return {
        "minutes": round(sum(seconds.values()) / 60, 2),
        **{f"{name}_minutes": round(part / 60, 2) for name, part in seconds.items()},
        "commands": len(commands()),
        "lines": len([line for line in script().splitlines() if line.strip()]),
        "pieces": len(said),
        "named_its_memory": int("Used: ['My cat is called Miso" in whole),
        "knew": int(CAT.is_right(whole.partition("\nUsed:")[0].partition("\n")[2])),
    }


def _typed(command: str, folder: Path, environment: dict[str, str]) -> list[tuple[float, bytes]]:
    """Run one command; return its output in the pieces in which it came."""
    words = shlex.split(command.replace("URL-OF-THIS-REPOSITORY", str(ROOT)))
    words = [sys.executable if word == "python3" else word for word in words]
    print(f"$ {command}", file=sys.stderr, flush=True)
    pieces = []
    with subprocess.Popen(words, cwd=folder, env=environment, stdout=subprocess.PIPE) as process:
        assert process.stdout is not None
        while piece := os.read(process.stdout.fileno(), 65536):
            pieces.append((time.monotonic(), piece))
    if process.returncode:
        sys.exit(f"it ended with {process.returncode}: {command}")
    return pieces


def main() -> None:
    """Walk, and print."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--json", action="store_true")
    parser.add_argument("--compile", action="store_true", help="build llama.cpp anew")
    parser.add_argument("--keep", type=Path, help="walk in this folder, and leave it")
    options = parser.parse_args()
    with tempfile.TemporaryDirectory() as temporary:
        folder = options.keep or Path(temporary)
        folder.mkdir(parents=True, exist_ok=True)
        report(walk(folder, compile_anew=options.compile), as_json=options.json)


if __name__ == "__main__":
    main()
