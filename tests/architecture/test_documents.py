"""The documents speak of what is there: the tree in ARCHITECTURE.md, and links between pages."""

import re
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
PAGES = sorted([*ROOT.glob("*.md"), *(ROOT / "docs").rglob("*.md")])
ROOTS = {
    "homeward": ROOT / "sdk" / "homeward",
    "homeward_store": ROOT / "local_store" / "homeward_store",
    "homeward_federated": ROOT / "federated" / "homeward_federated",
}


def tree() -> str:
    page = (ROOT / "ARCHITECTURE.md").read_text(encoding="utf-8")
    return page.split("```")[1]


@pytest.mark.parametrize("package", ROOTS)
def test_every_module_stands_in_the_tree(package: str) -> None:
    named = set(re.findall(r"[\w.]+\.py|\w+/", tree()))
    there = {
        one.name + "/" if one.is_dir() else one.name
        for one in ROOTS[package].iterdir()
        if one.suffix == ".py" or (one / "__init__.py").exists()
    }

    assert there - {"__init__.py"} <= named


def test_every_file_of_the_tree_is_there() -> None:
    there = {one.name for root in ROOTS.values() for one in root.rglob("*.py")}

    assert set(re.findall(r"[\w]+\.py", tree())) <= there


@pytest.mark.parametrize("page", PAGES, ids=lambda page: str(page.relative_to(ROOT)))
def test_every_link_within_the_repository_leads_somewhere(page: Path) -> None:
    links = re.findall(r"\]\(([^)#:]+)(?:#[^)]*)?\)", page.read_text(encoding="utf-8"))

    assert [link for link in links if not (page.parent / link).exists()] == []
