"""A hub file comes whole over HTTPS, or not at all, whatever the server does on the way."""

from pathlib import Path

import pytest

from homeward import models
from homeward.errors import DownloadFailed, ModelCorrupt
from homeward.models.fetching import hub as hub_module

from .conftest import CONTENT, Enter, Hub


@pytest.fixture(autouse=True)
def no_pauses(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(hub_module, "PAUSES", (0.0, 0.0))


@pytest.fixture
def entered(hub: Hub, enter: Enter) -> Hub:
    enter(f'url = "{hub.url}"')
    return hub


def pulled(home: Path) -> bytes:
    models.pull("tiny", home)
    assert models.verify(home) == (models.DownloadVerdict("tiny", ()),)
    return models.path(home, "tiny").read_bytes()


def test_a_file_arrives_as_it_is(entered: Hub, tmp_path: Path) -> None:
    assert pulled(tmp_path) == CONTENT
    assert entered.asked == [None]


def test_a_broken_connection_is_continued_where_it_broke(entered: Hub, tmp_path: Path) -> None:
    entered.behaviours = ["cut", "cut", "ranges"]
    assert pulled(tmp_path) == CONTENT
    assert entered.asked == [None, "bytes=1048576-", "bytes=2097152-"]


def test_the_next_pull_continues_what_a_failed_one_left(entered: Hub, tmp_path: Path) -> None:
    entered.behaviours = ["cut", "503"]
    with pytest.raises(DownloadFailed, match="503"):
        models.pull("tiny", tmp_path)
    entered.asked.clear()
    entered.behaviours = ["ranges"]
    assert pulled(tmp_path) == CONTENT
    assert entered.asked == ["bytes=1048576-"]


def test_a_server_without_ranges_starts_over(entered: Hub, tmp_path: Path) -> None:
    entered.behaviours = ["cut", "no ranges"]
    assert pulled(tmp_path) == CONTENT


def test_a_refused_range_starts_over(entered: Hub, tmp_path: Path) -> None:
    entered.behaviours = ["cut", "416", "ranges"]
    assert pulled(tmp_path) == CONTENT
    assert entered.asked[-1] is None


def test_a_file_with_another_hash_is_refused_and_deleted(entered: Hub, tmp_path: Path) -> None:
    entered.content = CONTENT[:-1] + bytes([CONTENT[-1] ^ 1])
    with pytest.raises(ModelCorrupt, match="SHA-256"):
        models.pull("tiny", tmp_path)
    assert models.installed(tmp_path) == ()
    entered.content = CONTENT
    assert pulled(tmp_path) == CONTENT


def test_a_file_that_does_not_end_is_cut_off(entered: Hub, tmp_path: Path) -> None:
    entered.content = CONTENT * 2
    with pytest.raises(ModelCorrupt, match=f"more than {len(CONTENT)}"):
        models.pull("tiny", tmp_path)


def test_a_file_that_is_too_short_is_no_model(entered: Hub, tmp_path: Path) -> None:
    entered.content = CONTENT[:100]
    with pytest.raises(DownloadFailed):
        models.pull("tiny", tmp_path)
    assert models.installed(tmp_path) == ()


def test_a_refusal_is_told_at_once(entered: Hub, tmp_path: Path) -> None:
    entered.behaviours = ["404"]
    with pytest.raises(DownloadFailed, match="404"):
        models.pull("tiny", tmp_path)
    assert len(entered.asked) == 1


def test_a_dead_server_is_asked_three_times(entered: Hub, tmp_path: Path) -> None:
    entered.behaviours = ["503"]
    with pytest.raises(DownloadFailed, match="503"):
        models.pull("tiny", tmp_path)
    assert len(entered.asked) == 3


def test_a_redirect_to_https_is_followed(entered: Hub, tmp_path: Path) -> None:
    entered.behaviours = [f"redirect {entered.url}elsewhere", "ranges"]
    assert pulled(tmp_path) == CONTENT


def test_a_redirect_to_an_open_line_is_refused(entered: Hub, tmp_path: Path) -> None:
    entered.behaviours = [f"redirect {entered.url.replace('https', 'http')}elsewhere", "ranges"]
    with pytest.raises(DownloadFailed, match="refused"):
        models.pull("tiny", tmp_path)
    assert len(entered.asked) == 1


def test_an_unknown_certificate_is_refused(
    entered: Hub, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.delenv("SSL_CERT_FILE")
    with pytest.raises(DownloadFailed, match="certificate"):
        models.pull("tiny", tmp_path)
    assert entered.asked == []
