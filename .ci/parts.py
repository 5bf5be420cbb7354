"""
All of CI, part after part: `make test`, then everything that it skipped, and nothing twice.

What a part skips for want of a package, another part has: a test counts as skipped if no part ran
it. Such skips are printed with their reasons, and fail CI unless a line of skips.txt explains them.
"""

import os
import re
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from xml.etree import ElementTree as ET

ROOT = Path(__file__).parents[1]
_OPTIONS = "--junitxml={} --durations=20"  # what takes long, too


@dataclass
class Outcome:
    """What became of the tests of all parts; a test is named as pytest's report names it."""

    ran: set[str] = field(default_factory=set)
    failed: set[str] = field(default_factory=set)
    skipped: dict[str, str] = field(default_factory=dict)  # why

    def read(self, report: Path) -> None:
        """Add a part's report; a part that ended before its tests has none."""
        if not report.exists():
            return
        for case in ET.parse(report).iter("testcase"):  # noqa: S314  # pytest wrote it
            name = ".".join(filter(None, (case.get("classname"), case.get("name"))))
            skip = case.find("skipped")
            if case.find("failure") is not None or case.find("error") is not None:
                self.failed.add(name)
            elif skip is not None and skip.get("type") != "pytest.xfail":
                self.skipped[name] = _reason(skip)
            else:
                self.ran.add(name)

    def left_out(self) -> dict[str, str]:
        """The tests that no part ran, and why; a module stands for all of its tests."""
        modules = {_plain(name).rpartition(".")[0] for name in self.ran | self.failed}
        done = self.ran | self.failed | modules
        return {name: why for name, why in self.skipped.items() if name not in done}

    def files(self) -> list[str]:
        """The files that tests were skipped in."""
        return sorted({str(file) for name in self.left_out() if (file := _file(name))})


def _reason(skip: ET.Element) -> str:
    text = skip.text or ""  # of a whole module it is a tuple, printed
    said = re.search(r"Skipped: (.*?)['\"]\)$", text, re.DOTALL)
    message = skip.get("message") or ""
    return said[1] if said else message if message != "collection skipped" else text


def _plain(name: str) -> str:
    return name.partition("[")[0]  # without its parameters, in which dots may stand


def _file(name: str) -> Path | None:
    parts = _plain(name).split(".")
    for length in range(len(parts), 0, -1):
        file = Path(*parts[:length]).with_suffix(".py")
        if (ROOT / file).is_file():
            return file
    return None


def explained(reason: str, name: str, lines: Iterable[str]) -> bool:
    """Tell whether a line of skips.txt has the test's name or its reason."""
    patterns = [line.partition("|")[0].strip() for line in lines if not line.startswith("#")]
    return any(one and (one in reason or one in name) for one in patterns)


def run(name: str, command: Sequence[str], outcome: Outcome, **variables: str) -> tuple[str, bool]:
    """Run one part; return a line about it, and whether it went well."""
    print(f"\n=== {name}: {' '.join(command)}", flush=True)
    begun = time.monotonic()
    with tempfile.TemporaryDirectory() as folder:
        report = Path(folder) / "report.xml"
        options = {"PYTEST_ADDOPTS": _OPTIONS.format(report), "QT_QPA_PLATFORM": "offscreen"}
        done = subprocess.run(
            command,
            cwd=ROOT,
            env=os.environ | options | variables,
            stdin=subprocess.DEVNULL,
            check=False,
        )
        outcome.read(report)
    minutes = (time.monotonic() - begun) / 60
    well = done.returncode == 0
    return f"{name:<10} {minutes:5.1f} min  {'passed' if well else 'FAILED'}", well


def _choice(variable: str, skipped: Iterable[str], *, federated: bool) -> dict[str, str]:
    """Tell `make` which files are a part's; nothing where `make test` ended before its tests."""
    files = [one for one in skipped if one.startswith("tests/federated/") == federated]
    return {variable: " ".join(files)} if files else {}


def main() -> int:
    """Run the parts; print a line for each, the skips, and the sum."""
    outcome, lines, broken = Outcome(), [], []
    python = f"PYTHON={sys.executable}"

    def part(name: str, *command: str, **variables: str) -> None:
        line, well = run(name, command, outcome, **variables)
        lines.append(line)
        if not well:
            broken.append(name)

    part("test", "make", "test", python)
    part("models", "make", "test-models", python)
    files = outcome.files()
    part("apps", "make", "test-apps", python, **_choice("FILES", files, federated=False))
    part("docs", "make", "docs", python)
    part("floor", "make", "test-floor", python)
    federated = _choice("FEDERATED_FILES", files, federated=True)
    part("federated", "make", "test-federated", python, TEN_PROCESSES="", **federated)
    known = (ROOT / ".ci" / "skips.txt").read_text(encoding="utf-8").splitlines()
    left = outcome.left_out()
    unexplained = {name for name, why in left.items() if not explained(why, name, known)}
    print("\n=== skipped in every part")
    for name, why in sorted(left.items()):
        print(f"{'UNEXPLAINED ' if name in unexplained else ''}{name}: {why}")
    print("\n=== parts", *lines, sep="\n")
    for name in sorted(outcome.failed):
        print(f"FAILED {name}")
    if unexplained:
        broken.append("skips that .ci/skips.txt does not explain")
    print(f"failing: {', '.join(broken)}" if broken else "nothing fails")
    print(f"{len(outcome.ran)} passed, {len(outcome.failed)} failed, {len(left)} skipped")
    return 1 if broken else 0


if __name__ == "__main__":
    sys.exit(main())
