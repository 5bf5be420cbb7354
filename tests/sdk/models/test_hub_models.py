"""A model by its hub name is pinned when it is first pulled; from then on nothing else is taken."""

import hashlib
import json
from pathlib import Path

import pytest

from homeward import models, paths
from homeward.errors import (
    BadCatalogue,
    DownloadFailed,
    InvalidArgument,
    LicenceNotAccepted,
    ModelCorrupt,
    ModelNotFound,
)
from homeward.models.fetching import hub as hub_module

from .conftest import CONTENT, Hub

NAME = "hub:Maker/Tiny-GGUF:Tiny-Q4_K_M.gguf"
REVISION = "0123456789abcdef" * 2 + "01234567"
DIGEST = hashlib.sha256(CONTENT).hexdigest()


def described(*, licence: str = "apache-2.0", sha256: str = DIGEST, **more: object) -> str:
    large = {"sha256": sha256, "size": len(CONTENT), "pointerSize": 134}
    rows = [
        {"rfilename": "README.md", "size": 5},
        {"rfilename": "Tiny-Q4_K_M.gguf", "size": len(CONTENT), "lfs": large},
        {"rfilename": "Tiny-F16-00001-of-00002.gguf", "size": 9, "lfs": large},
    ]
    card = {"license": licence}
    return json.dumps({"sha": REVISION, "cardData": card, "siblings": rows} | more)


@pytest.fixture
def api(hub: Hub, monkeypatch: pytest.MonkeyPatch) -> Hub:
    """Let the hub on this machine describe a repository with one model."""
    monkeypatch.setattr(hub_module, "PAUSES", (0.0, 0.0))
    monkeypatch.setenv("HF_ENDPOINT", hub.url.removesuffix("/repo/"))
    hub.answers["/api/models/Maker/Tiny-GGUF?blobs=true"] = described()
    return hub


def pins(home: Path) -> dict[str, dict[str, object]]:
    found: dict[str, dict[str, object]] = json.loads(paths.pins_file(home).read_text())
    return found


def test_it_is_pulled_at_the_revision_and_hash_that_the_hub_named_first(
    api: Hub, tmp_path: Path
) -> None:
    pulled = models.pull(NAME, tmp_path)

    assert api.paths == [
        "/api/models/Maker/Tiny-GGUF?blobs=true",
        f"/Maker/Tiny-GGUF/resolve/{REVISION}/Tiny-Q4_K_M.gguf",
    ]
    assert (pulled.name, pulled.sha256) == (NAME, DIGEST)
    assert models.path(tmp_path, NAME).read_bytes() == CONTENT
    assert models.verify(tmp_path) == (models.DownloadVerdict(NAME, ()),)
    assert [one.name for one in models.installed(tmp_path)] == [NAME]
    [pin] = pins(tmp_path).values()
    assert pin["url"] == f"{api.url.removesuffix('repo/')}Maker/Tiny-GGUF/resolve/{REVISION}/"


def test_a_pinned_model_asks_the_hub_nothing_more(api: Hub, tmp_path: Path) -> None:
    models.pull(NAME, tmp_path)
    api.paths.clear()
    models.pull(NAME, tmp_path)
    assert api.paths == []


def test_another_file_under_the_pinned_revision_is_refused(api: Hub, tmp_path: Path) -> None:
    models.pull(NAME, tmp_path)
    models.path(tmp_path, NAME).unlink()
    api.content = CONTENT[:-1] + b"!"
    api.answers["/api/models/Maker/Tiny-GGUF?blobs=true"] = described(
        sha256=hashlib.sha256(api.content).hexdigest()
    )

    with pytest.raises(ModelCorrupt, match="SHA-256"):
        models.pull(NAME, tmp_path)


def test_names_that_a_file_system_would_mix_up_have_folders_of_their_own(
    api: Hub, tmp_path: Path
) -> None:
    other = NAME.replace("Maker", "maker")
    api.answers["/api/models/maker/Tiny-GGUF?blobs=true"] = described()
    models.pull(NAME, tmp_path)
    models.pull(other, tmp_path)

    assert models.path(tmp_path, NAME) != models.path(tmp_path, other)
    assert {one.name for one in models.installed(tmp_path)} == {NAME, other}


@pytest.mark.parametrize("licence", ["llama3.2", "gemma", "other"])
def test_a_licence_that_binds_its_user_is_accepted_first(
    api: Hub, tmp_path: Path, licence: str
) -> None:
    api.answers["/api/models/Maker/Tiny-GGUF?blobs=true"] = described(licence=licence)

    with pytest.raises(LicenceNotAccepted, match="/Maker/Tiny-GGUF") as refused:
        models.pull(NAME, tmp_path)
    assert refused.value.terms == licence
    models.pull(NAME, tmp_path, accepted={licence})


@pytest.mark.parametrize(
    "name",
    [
        "hub:Maker/Tiny-GGUF",
        "hub:Tiny:x.gguf",
        "hub:Maker/Tiny:x.bin",
        "hub:Maker/Tiny:../x.gguf",
        "hub:../Tiny:x.gguf",
        "hub:Maker/Ti ny:x.gguf",
        "hub:Maker/Tiny?x:x.gguf",
        "hub:Maker/Tiny:x-00001-of-00003.gguf",
        "hub:",
    ],
)
def test_a_name_of_another_form_is_refused_unasked(api: Hub, tmp_path: Path, name: str) -> None:
    with pytest.raises(InvalidArgument, match="hub:"):
        models.pull(name, tmp_path)
    assert api.paths == []


def test_a_file_that_the_repository_lacks_is_told(api: Hub, tmp_path: Path) -> None:
    with pytest.raises(ModelNotFound, match=r"has no file Other\.gguf"):
        models.pull("hub:Maker/Tiny-GGUF:Other.gguf", tmp_path)
    assert not paths.pins_file(tmp_path).exists()


@pytest.mark.parametrize(
    "answer",
    [
        "",
        "[]",
        "{}",
        described(sha="main"),
        described(siblings=[{"rfilename": "Tiny-Q4_K_M.gguf", "size": 9}]),
        described(siblings=5),
        "<html>",
    ],
)
def test_an_answer_without_a_hash_or_a_revision_pins_nothing(
    api: Hub, tmp_path: Path, answer: str
) -> None:
    api.answers["/api/models/Maker/Tiny-GGUF?blobs=true"] = answer

    with pytest.raises(DownloadFailed):
        models.pull(NAME, tmp_path)
    assert not paths.pins_file(tmp_path).exists()


@pytest.mark.parametrize("sha256", ["A" * 64, "../x", ""])
def test_a_hash_that_is_none_pins_nothing(api: Hub, tmp_path: Path, sha256: str) -> None:
    api.answers["/api/models/Maker/Tiny-GGUF?blobs=true"] = described(sha256=sha256)

    with pytest.raises(DownloadFailed):
        models.pull(NAME, tmp_path)
    assert not paths.pins_file(tmp_path).exists()


@pytest.mark.parametrize("text", ["{", "[]", f'{{"{NAME}": {{}}}}', f'{{"{NAME}": 5}}'])
@pytest.mark.usefixtures("api")
def test_damaged_pins_are_told_and_not_replaced(tmp_path: Path, text: str) -> None:
    paths.pins_file(tmp_path).write_text(text)

    with pytest.raises(BadCatalogue, match="lock"):
        models.pull(NAME, tmp_path)
    assert paths.pins_file(tmp_path).read_text() == text


def test_a_search_names_repositories_and_then_their_whole_files(api: Hub) -> None:
    api.answers["/api/models?search=tiny+chat&filter=gguf&sort=downloads&limit=10"] = json.dumps(
        [{"id": "Maker/Tiny-GGUF", "downloads": 12, "tags": ["gguf", "license:mit"]}]
    )

    [found] = models.search("tiny chat")

    assert (found.name, found.licence, found.downloads) == ("Maker/Tiny-GGUF", "mit", 12)
    assert models.files(found.name) == (models.HubFile(NAME, len(CONTENT)),)


def test_a_hub_that_answers_nothing_or_over_an_open_line_is_told(
    api: Hub, monkeypatch: pytest.MonkeyPatch
) -> None:
    with pytest.raises(DownloadFailed, match="404"):
        models.search("anything")
    assert not models.reachable()
    monkeypatch.setenv("HF_ENDPOINT", "http://127.0.0.1")
    with pytest.raises(InvalidArgument, match="https"):
        models.search("anything")
    api.answers["/api/models?limit=1"] = "[]"
    monkeypatch.setenv("HF_ENDPOINT", api.url.removesuffix("/repo/"))
    assert models.reachable()
