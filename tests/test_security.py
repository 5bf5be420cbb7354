"""SECURITY.md names for each threat what stops it and the tests that show it."""

import re
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[1]
TABLE = (ROOT / "SECURITY.md").read_text("utf-8").split("\n## ")[1]
THREATS = [
    [cell.strip() for cell in row.strip("|").split(" | ")]
    for row in TABLE.splitlines()
    if row.startswith("| ") and "shown by" not in row
]


def test_the_table_lists_threats() -> None:
    assert len(THREATS) > 20


@pytest.mark.parametrize("threat", THREATS, ids=lambda threat: threat[0][:40])
def test_each_threat_names_what_stops_it_and_tests_that_are_there(threat: list[str]) -> None:
    against, how, shown = threat
    assert min(map(len, (against, how))) > 10
    named = re.findall(r"`((?:tests/|keys/)?[\w/]+(?:\.py)?)`", shown)
    folder = ROOT
    for one in named:
        found = next((place for place in (ROOT / one, folder / one) if place.exists()), None)
        found = found or next(iter(ROOT.glob(f"tests/**/{one}")), None)
        assert found is not None, one
        folder = found.parent
    assert named or "benchmarks" in shown
