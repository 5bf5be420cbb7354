"""
How fast imports are, what they hold in memory, and what is lost: whole, and killed again and again.

    python -m benchmarks.imports [--json] [--scale 0.01] [--only chatgpt] [--kills 50]

Imports a generated ChatGPT export of 200 MB, a mailbox of 1 GB, a vault of 5,000 notes and 500
PDFs, or a share of them, each in a process of its own with the embedder that people have. Speed
counts that process's whole processor time, memory its whole peak. Lost is a statement that was
written into the source and stands in no memory afterwards. With kills, imports of a smaller source
are killed at random points and started again; what is then in the profile is compared with what an
import gave that nobody killed.
"""

import argparse
import json
import random
import shutil
import signal
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path

from benchmarks import import_sources
from benchmarks.import_once import UNLOCK
from benchmarks.import_sources import Source
from benchmarks.report import Figure, report
from homeward.importing import LeftOut, items_of
from homeward_store import FASTEST, Memory, MemoryId, create_profile, open_profile

MOST_MIB = 300
_MOST_SHOWN = 20  # of what is lost
_WHOLE: Mapping[str, tuple[Callable[[Path, int], Source], str, int]] = {
    "chatgpt": (import_sources.chatgpt, "conversations.json", 200_000_000),
    "mbox": (import_sources.mbox, "mails.mbox", 1_000_000_000),
    "vault": (import_sources.vault, "vault", 10_000_000),
    "pdfs": (import_sources.pdfs, "letters", 5_000_000),
}
KILLED = 0.02  # of the whole source: large enough for some hundred items


@dataclass(frozen=True, slots=True)
class Ended:
    """What an import that came to its end said, and how long it took on the clock when ready."""

    figures: dict[str, float]
    seconds: float


def imported(folder: Path, source: Path) -> Ended:
    """
    Import in a process of its own.

    Raises:
        CalledProcessError: it failed.
    """
    with _started(folder, source) as process:
        began = _when_ready(process)
        said, _ = process.communicate()
    if process.returncode:
        raise subprocess.CalledProcessError(process.returncode, "import")
    return Ended(json.loads(said), time.monotonic() - began)


def killed(folder: Path, source: Path, *, after: float) -> bool:
    """Kill an import `after` seconds; return whether it was still at work."""
    with _started(folder, source) as process:
        _when_ready(process)
        try:
            process.communicate(timeout=after)
        except subprocess.TimeoutExpired:
            process.send_signal(signal.SIGKILL)
            return True
    return False


def _started(folder: Path, source: Path) -> subprocess.Popen[str]:
    command = [sys.executable, "-m", "benchmarks.import_once", str(folder), str(source)]
    return subprocess.Popen(command, stdout=subprocess.PIPE, text=True)


def _when_ready(process: subprocess.Popen[str]) -> float:
    assert process.stdout is not None
    process.stdout.readline()
    return time.monotonic()


def new_profile(folder: Path) -> Path:
    """Make an empty profile."""
    create_profile(folder, unlock=[UNLOCK], cost=FASTEST).profile.close()
    return folder


def lost(folder: Path, source: Source) -> list[str]:
    """Return the statements that stand in no memory."""
    with open_profile(folder, unlock=UNLOCK) as profile:
        there = "\n".join(one.text for one in profile.memories.all())
    return [one for one in source.statements if one not in there]


def contents(folder: Path, source: Path) -> dict[str, list[object]]:
    """Return everything that an import wrote, in its order, without the times of writing."""
    digests = [one.digest for one in items_of(source) if not isinstance(one, LeftOut)]
    with open_profile(folder, unlock=UNLOCK) as profile:
        profile.check()
        memories = {one.id: one for one in profile.memories.all()}
        known = profile.imported.seen(digests)
        return {
            "memories": [_told(one, memories) for one in memories.values()],
            "unembedded": [
                one
                for space in profile.memories.spaces()
                for one in profile.memories.without_vector(space)
            ],
            "turns": [
                (one.id, one.conversation, one.asked, one.replied, one.asked_at, one.model)
                for one in reversed(profile.turns.latest(profile.turns.count()))
            ],
            "writings": [
                (one.id, one.title, one.text, one.origin, one.written_at)
                for one in profile.writings.all()
            ],
            "log": [one in known for one in digests],
        }


def _told(one: Memory, all_of_them: Mapping[MemoryId, Memory]) -> object:
    by = all_of_them[one.superseded_by].text if one.superseded_by else None
    return (
        one.text, one.context, one.source, one.context_source, one.origin, one.tags, one.said_at,
        one.valid_until, by,
    )  # fmt: skip


def measured(home: Path, name: str, scale: float) -> dict[str, Figure]:
    """Make a source, import it, and return what that took."""
    make, file, size = _WHOLE[name]
    source = make(home / file, int(size * scale))
    folder = new_profile(home / "profile")
    done = imported(folder, source.path)
    missing = lost(folder, source)
    for statement in missing[:_MOST_SHOWN]:
        print(f"{name}: lost: {statement}", file=sys.stderr)
    megabytes = source.size / 1e6
    return {
        f"{name}_mb": round(megabytes, 1),
        f"{name}_items": int(done.figures["items"]),
        f"{name}_cpu_s": round(done.figures["cpu_s"], 1),
        f"{name}_s": round(done.seconds, 1),
        f"{name}_mb_per_cpu_s": round(megabytes / done.figures["cpu_s"], 3),
        f"{name}_items_per_cpu_s": round(done.figures["items"] / done.figures["cpu_s"], 1),
        f"{name}_peak_mib": round(done.figures["peak_mib"], 1),
        f"{name}_told": len(source.statements),
        f"{name}_lost": len(missing),
    }


def killed_again_and_again(
    home: Path, name: str, kills: int, *, share: float = KILLED
) -> dict[str, Figure]:
    """Kill imports until `kills` were at work then; count the profiles that differ afterwards."""
    make, file, size = _WHOLE[name]
    source = make(home / file, int(size * share)).path
    undisturbed = new_profile(home / "undisturbed")
    seconds = imported(undisturbed, source).seconds
    expected = contents(undisturbed, source)
    done = profiles = different = 0
    while done < kills:
        folder = new_profile(home / f"killed {profiles}")
        while done < kills and killed(folder, source, after=random.uniform(0, seconds)):
            done += 1
        imported(folder, source)  # what is left of it, or nothing
        profiles += 1
        different += contents(folder, source) != expected
    return {
        f"{name}_kills": done,
        f"{name}_killed_profiles": profiles,
        f"{name}_different": different,
    }


def main() -> int:
    """Measure and report; fails where something is lost or differs, or the memory is over."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--json", action="store_true")
    parser.add_argument("--scale", type=float, default=1.0, help="of the whole sizes")
    parser.add_argument("--only", choices=sorted(_WHOLE), action="append")
    parser.add_argument("--kills", type=int, default=0, help="instead of speed: kills of each")
    parser.add_argument("--seed", type=int, default=1)
    chosen = parser.parse_args()
    random.seed(chosen.seed)
    figures: dict[str, Figure] = {}
    for name in chosen.only or _WHOLE:
        home = Path(tempfile.mkdtemp(prefix="homeward-imports-"))
        try:
            if chosen.kills:
                figures |= killed_again_and_again(home, name, chosen.kills)
            else:
                figures |= measured(home, name, chosen.scale)
        finally:
            shutil.rmtree(home)
    report(figures, as_json=chosen.json)
    return int(any(_is_bad(*one) for one in figures.items()))


def _is_bad(name: str, figure: Figure) -> bool:
    most = {"lost": 0, "different": 0, "mib": MOST_MIB}
    return any(name.endswith(end) and float(figure) > limit for end, limit in most.items())


if __name__ == "__main__":
    sys.exit(main())
