"""CI runs all that is there: a skip is explained or fails it, and no part hides another's."""

import importlib.util
import sys
from pathlib import Path
from types import ModuleType
from typing import Any

import pytest

ROOT = Path(__file__).parents[1]
HEAD, END = '<testsuites><testsuite name="pytest">', "</testsuite></testsuites>"
FLOWER = '<testcase classname="" name="tests.federated.transport.test_flower">'
FLOWER += (
    '<skipped type="pytest.skip" message="collection skipped">'
    "('/x/test_flower.py', 20, \"Skipped: Flower is missing\")"
    "</skipped></testcase>"
)


@pytest.fixture
def parts() -> ModuleType:
    spec = importlib.util.spec_from_file_location("parts", ROOT / ".ci" / "parts.py")
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    sys.modules[spec.name] = module  # dataclasses look themselves up
    spec.loader.exec_module(module)
    return module


def case(name: str, inside: str = "") -> str:
    return f'<testcase classname="tests.test_site" name="{name}">{inside}</testcase>'


def skipped(why: str) -> str:
    return f'<skipped type="pytest.skip" message="{why}">there: {why}</skipped>'


def outcome(parts: ModuleType, folder: Path, *reports: str) -> Any:
    made = parts.Outcome()
    for number, report in enumerate(reports):
        (folder / str(number)).write_text(HEAD + report + END)
        made.read(folder / str(number))
    made.read(folder / "of a part that never came to its tests")
    return made


def test_what_no_part_ran_is_left_out_with_its_reason(parts: ModuleType, tmp_path: Path) -> None:
    made = outcome(
        parts, tmp_path, FLOWER + case("test_a", skipped("no mkdocs")), case("test_a[x.y]")
    )

    assert made.left_out() == {
        "tests.federated.transport.test_flower": "Flower is missing",
        "tests.test_site.test_a": "no mkdocs",
    }
    assert made.files() == ["tests/federated/transport/test_flower.py", "tests/test_site.py"]


def test_what_another_part_ran_is_not_left_out(parts: ModuleType, tmp_path: Path) -> None:
    ran = '<testcase classname="tests.federated.transport.test_flower" name="test_it[a.b]"/>'
    made = outcome(
        parts, tmp_path, FLOWER + case("test_a", skipped("no mkdocs")), ran + case("test_a")
    )

    assert made.left_out() == {}


def test_a_test_that_fails_in_any_part_has_failed(parts: ModuleType, tmp_path: Path) -> None:
    made = outcome(parts, tmp_path, case("test_a", '<failure message="x"/>'), case("test_a"))

    assert made.failed == {"tests.test_site.test_a"}


def test_a_skip_that_nobody_explained_is_found(parts: ModuleType) -> None:
    lines = (ROOT / ".ci" / "skips.txt").read_text(encoding="utf-8").splitlines()

    assert parts.explained("root may write everywhere", "tests.test_x.test_y", lines)
    assert not parts.explained("playwright is missing", "tests.test_x.test_y", lines)
    assert not parts.explained("", "tests.test_x.test_y", ["# anything", "", "   "])
    assert all("|" in line for line in lines if line and not line.startswith("#"))
