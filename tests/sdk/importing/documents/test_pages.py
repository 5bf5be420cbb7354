"""Pages of HTML, as a reader would see them."""

from datetime import UTC, datetime
from pathlib import Path

import pytest

from homeward.errors import ImportCorrupt
from homeward.importing import Document, LeftOut, items_of
from homeward.importing.documents import page


def _read(path: Path, data: bytes) -> list[object]:
    path.write_bytes(data)
    return list(items_of(path))


def test_a_page_is_read_without_its_programs_and_named_by_its_title(tmp_path: Path) -> None:
    whole = (
        b"<!doctype html><html><head><title>Our &amp; garden</title><style>p {}</style>"
        b"<script>var x = '<p>no</p>'</script></head><body><!-- hidden --><h1>Garden</h1>"
        b"<p>We planted a fig tree &mdash; in June.</p><ul><li>Water it</li><li>Prune it</li></ul>"
    )

    [item] = _read(tmp_path / "garden.html", whole)

    assert isinstance(item, Document)
    assert item.title == "garden.html: Our & garden"
    assert item.text == "Garden\n\nWe planted a fig tree \u2014 in June.\nWater it\nPrune it"
    assert item.origin is None
    assert item.written_at is not None
    assert (datetime.now(UTC) - item.written_at).total_seconds() < 60


@pytest.mark.parametrize(
    ("head", "encoding"),
    [
        (b"", "utf-8"),
        (b"", "utf-16"),
        (b"", "cp1252"),
        (b"<meta charset='iso-8859-1'>", "latin-1"),
        (b'<meta http-equiv=Content-Type content="text/html; charset=koi8-r">', "koi8-r"),
    ],
)
def test_a_page_is_decoded_as_it_says_or_as_it_looks(
    tmp_path: Path, head: bytes, encoding: str
) -> None:
    said = "Я живу в Москве." if encoding == "koi8-r" else "Ich wohne in München."
    data = f"{head.decode()}<p>{said}</p>".encode(encoding)

    [item] = _read(tmp_path / "a.htm", data)

    assert isinstance(item, Document)
    assert item.text == said


def test_a_page_that_a_program_would_fill_is_left_out_and_said_so(tmp_path: Path) -> None:
    [item] = _read(tmp_path / "app.html", b"<html><body><div id=app></div><script>go()</script>")

    assert isinstance(item, LeftOut)
    assert "without text" in item.why


def test_a_page_that_is_longer_than_any_page_is_refused(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(page, "LARGEST", 100)

    with pytest.raises(ImportCorrupt, match="longer than"):
        _read(tmp_path / "a.html", b"<p>word " * 100)


def test_a_long_page_is_cut_into_parts_that_say_where_they_begin(tmp_path: Path) -> None:
    found = _read(tmp_path / "a.html", b"<p>We planted a fig tree.</p>\n" * 3000)

    parts = [one for one in found if isinstance(one, Document)]
    assert len(parts) > 1
    assert parts[1].title.startswith("a.html, from character ")
    assert sum(one.text.count("fig tree") for one in parts) == 3000
    assert len({one.digest for one in parts}) == len(parts)
