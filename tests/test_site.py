"""The documentation builds strictly, and no page of it loads anything from elsewhere."""

import os
import re
import subprocess
import sys
from pathlib import Path

import pytest

import homeward

ROOT = Path(__file__).parents[1]
LOADED = re.compile(
    r"<(?:script|img|iframe|source)[^>]+src=\"(https?:)?//"
    r"|<link[^>]+rel=\"(?:stylesheet|preload|icon|preconnect)\"[^>]+href=\"(https?:)?//"
)


@pytest.fixture(scope="module")
def site(tmp_path_factory: pytest.TempPathFactory) -> Path:
    pytest.importorskip("mkdocs")
    pytest.importorskip("mkdocstrings")
    folder = tmp_path_factory.mktemp("site")
    done = subprocess.run(
        [sys.executable, "-m", "mkdocs", "build", "--strict", "--quiet", "--site-dir", str(folder)],
        cwd=ROOT,
        env=os.environ | {"NO_MKDOCS_2_WARNING": "1"},
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stdout + done.stderr
    return folder


def test_no_page_loads_anything_from_elsewhere(site: Path) -> None:
    pages = list(site.rglob("*.html"))

    found = [one.name for one in pages if LOADED.search(one.read_text(encoding="utf-8"))]

    assert len(pages) > 50
    assert found == []


@pytest.mark.parametrize(
    ("page", "words"),
    [
        ("reference/homeward.html", "Answer within the assistant's own conversation"),
        ("reference/http.html", "/v1/chat/completions"),
        ("reference/commands.html", "homeward memories forget"),
        ("concepts/threat-model.html", "What Homeward defends"),
        ("adr/index.html", "0651 A page that is let in once"),
    ],
)
def test_what_is_written_elsewhere_is_on_the_site(site: Path, page: str, words: str) -> None:
    text = (site / page).read_text(encoding="utf-8")

    assert words in text or words in re.sub(r"<[^>]+>", "", text)


def test_every_public_name_has_its_place_in_the_reference(site: Path) -> None:
    pages = [one.read_text(encoding="utf-8") for one in (site / "reference").glob("*.html")]
    anchors = {name for page in pages for name in re.findall(r'id="homeward[\w.]*\.(\w+)"', page)}

    assert sorted(set(vars(homeward)["__all__"]) - anchors) == []
