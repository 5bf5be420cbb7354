"""The catalogue pins what it names, and takes a person's own entries only in the right form."""

import sys
from pathlib import Path

import platformdirs
import pytest

from homeward import models, paths
from homeward.errors import BadCatalogue, ModelNotFound
from homeward.models.entry import HubSource, WheelSource

from .conftest import Enter

FILES = f'[[own.files]]\nmember = "own.gguf"\nbytes = 5\nsha256 = "{"a" * 64}"\n'
GOOD = f'[own]\nkind = "language"\nlicence = "MIT"\ncontext = 512\nurl = "https://host/x/"\n{FILES}'


def test_the_default_pair_comes_from_wheels(tmp_path: Path) -> None:
    for name in (models.DEFAULT_LANGUAGE, models.DEFAULT_EMBEDDING):
        assert isinstance(models.find(name, tmp_path).source, WheelSource)


def test_every_hub_entry_names_its_revision(tmp_path: Path) -> None:
    urls = [
        entry.source.url
        for entry in models.catalogue(tmp_path)
        if isinstance(entry.source, HubSource)
    ]
    assert urls
    for url in urls:
        revision = url.rstrip("/").rsplit("/", 1)[1]
        assert len(revision) == 40
        assert int(revision, 16)


def test_an_unknown_name_lists_the_known_ones(tmp_path: Path) -> None:
    with pytest.raises(ModelNotFound, match="smollm2-135m, minilm-l6"):
        models.find("gpt-9", tmp_path)


def test_a_persons_own_entry_is_found(tmp_path: Path) -> None:
    paths.own_entries(tmp_path).write_text(GOOD)
    assert models.find("own", tmp_path).source == HubSource("https://host/x/")
    assert len(models.catalogue(tmp_path)) == len(models.catalogue(tmp_path / "elsewhere")) + 1


def test_a_persons_own_entry_wins_by_name(tmp_path: Path) -> None:
    paths.own_entries(tmp_path).write_text(GOOD.replace("own", models.DEFAULT_LANGUAGE))
    assert models.find(models.DEFAULT_LANGUAGE, tmp_path).licence == "MIT"


@pytest.mark.parametrize(
    ("old", "new"),
    [
        ('"language"', '"audio"'),
        ('licence = "MIT"\n', ""),
        ("https://", "http://"),
        ('/x/"', '/x"'),
        ("url =", "web ="),
        ("url =", 'folder = "/tmp"\nurl ='),
        ("bytes = 5", "bytes = -5"),
        ("bytes = 5", 'bytes = "5"'),
        ("a" * 64, "a" * 63),
        ("a" * 64, "A" * 64),
        ("own.gguf", "../own.gguf"),
        ("own.gguf", "/etc/own.gguf"),
        ("own.gguf", ".own"),
        ("[own]", '["../own"]'),
        ("[own]", "[Own]"),
        ("[own]", "[own"),
        (FILES, ""),
        (FILES, FILES + FILES),
        ('"language"', '"embedding"'),
        ('url = "https://host/x/"', "url = 5"),
        ('url = "https://host/x/"', 'wheels = ["x"]'),
        (
            'url = "https://host/x/"',
            f'wheels = [{{distribution="-r x", version="1", bytes=5, sha256="{"a" * 64}"}}]',
        ),
        (GOOD, "own = 5"),
    ],
)
def test_a_mistaken_entry_is_refused(tmp_path: Path, old: str, new: str) -> None:
    assert old in GOOD
    paths.own_entries(tmp_path).write_text(GOOD.replace(old, new))
    with pytest.raises(BadCatalogue, match="toml"):
        models.catalogue(tmp_path)


def test_a_file_that_is_not_text_is_refused(tmp_path: Path) -> None:
    paths.own_entries(tmp_path).write_bytes(b"\xff\xfe")
    with pytest.raises(BadCatalogue):
        models.catalogue(tmp_path)


def test_an_entry_without_a_source_folder_is_told_at_pull(tmp_path: Path, enter: Enter) -> None:
    enter(f"folder = '{tmp_path / 'nowhere'}'")
    with pytest.raises(ModelNotFound, match="nowhere"):
        models.pull("tiny", tmp_path)


def test_the_data_folder_is_the_one_in_the_environment(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("HOMEWARD_HOME", "~/somewhere")
    assert paths.home() == Path.home() / "somewhere"
    monkeypatch.setenv("HOMEWARD_HOME", "")
    assert paths.home() == paths.default_home()
    assert paths.home().is_absolute()


def test_a_fresh_shell_finds_what_lies_in_the_environment_of_a_checkout(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.delenv("HOMEWARD_HOME", raising=False)
    monkeypatch.setattr(sys, "prefix", str(tmp_path))
    before = paths.home()
    (tmp_path / "homeward").mkdir()

    assert before == platformdirs.user_data_path("homeward", appauthor=False)
    assert paths.home() == tmp_path / "homeward"


def test_a_system_python_keeps_data_in_the_platforms_folder(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    (tmp_path / "homeward").mkdir()
    monkeypatch.setattr(sys, "prefix", str(tmp_path))
    monkeypatch.setattr(sys, "base_prefix", str(tmp_path))

    assert paths.default_home() == platformdirs.user_data_path("homeward", appauthor=False)
