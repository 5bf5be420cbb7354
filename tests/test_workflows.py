"""What CI is told to do is well-formed, and asks make for nothing that is not there."""

import re
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[1]
WORKFLOWS = sorted((ROOT / ".github" / "workflows").glob("*.yml"))


def test_every_workflow_fits_the_schema_of_github() -> None:
    pytest.importorskip("check_jsonschema")
    schema = ["--builtin-schema", "vendor.github-workflows"]

    checked = subprocess.run(
        [sys.executable, "-m", "check_jsonschema", *schema, *map(str, WORKFLOWS)],
        capture_output=True,
        text=True,
        check=False,
    )

    assert WORKFLOWS
    assert checked.returncode == 0, checked.stdout


def test_ci_asks_make_for_targets_that_exist() -> None:
    text = "\n".join(one.read_text(encoding="utf-8") for one in WORKFLOWS)
    asked = set(re.findall(r"\bmake ([a-z][a-z-]*)", text))

    targets = set(re.findall(r"^([a-z-]+):", (ROOT / "Makefile").read_text(), re.MULTILINE))

    assert "test" in asked
    assert asked <= targets


def test_the_three_systems_are_tested() -> None:
    text = (ROOT / ".github" / "workflows" / "test.yml").read_text(encoding="utf-8")

    assert all(system in text for system in ("ubuntu-", "macos-", "windows-"))
