"""A model of another program is used where it lies, and refused once it is another file."""

import hashlib
import json
import shutil
from pathlib import Path

import pytest
from tests.sdk.learning import tiny_models

from homeward import models, opening, paths
from homeward.errors import InvalidArgument, ModelCorrupt, ModelNotFound, UnsupportedModel
from homeward.models import foreign


@pytest.fixture(autouse=True)
def nobody_elses(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Look for other programs' folders in the test's own."""
    monkeypatch.setenv("HOME", str(tmp_path / "user"))
    monkeypatch.delenv("OLLAMA_MODELS", raising=False)
    monkeypatch.setattr(foreign, "_OLLAMA", ("~/.ollama/models",))


@pytest.fixture
def weights(tmp_path: Path) -> Path:
    file = tmp_path / "other" / "Tiny Model.Q8_0.gguf"
    file.parent.mkdir()
    tiny_models.write("llama", file)
    return file


def put_into_ollama(
    folder: Path, weights: Path, name: str = "registry.ollama.ai/library/tiny/1b"
) -> Path:
    """Lay out a model as Ollama does; return its blob."""
    digest = hashlib.sha256(weights.read_bytes()).hexdigest()
    blob = folder / "blobs" / f"sha256-{digest}"
    blob.parent.mkdir(parents=True, exist_ok=True)
    shutil.copy(weights, blob)
    manifest = folder / "manifests" / name
    manifest.parent.mkdir(parents=True, exist_ok=True)
    layer = {"mediaType": "application/vnd.ollama.image.model", "digest": f"sha256:{digest}"}
    licence = {"mediaType": "application/vnd.ollama.image.license", "digest": f"sha256:{'0' * 64}"}
    manifest.write_text(json.dumps({"schemaVersion": 2, "layers": [licence, layer]}))
    return blob


def test_a_file_is_registered_and_not_copied(tmp_path: Path, weights: Path) -> None:
    record = models.import_model(str(weights), tmp_path)

    assert (record.name, record.origin) == ("tiny-model.q8_0", "imported")
    assert models.path(tmp_path, record.name) == weights
    assert [one.name for one in models.installed(tmp_path)] == [record.name]
    assert models.verify(tmp_path) == (models.DownloadVerdict(record.name, ()),)
    folder = paths.models_folder(tmp_path) / record.name
    assert [file.name for file in folder.iterdir()] == ["manifest.json"]


@pytest.mark.parametrize(
    ("place", "name"),
    [
        ("registry.ollama.ai/library/tiny/1b", "tiny:1b"),
        ("registry.ollama.ai/library/tiny/latest", "tiny:latest"),
        ("registry.ollama.ai/library/tiny/latest", "tiny"),
        ("registry.ollama.ai/ada/tiny/1b", "ada/tiny:1b"),
        ("hf.co/ada/tiny-GGUF/Q8_0", "hf.co/ada/tiny-GGUF:Q8_0"),
    ],
)
def test_ollamas_models_are_listed_and_imported_by_their_names(
    tmp_path: Path, weights: Path, place: str, name: str
) -> None:
    blob = put_into_ollama(tmp_path / "user/.ollama/models", weights, place)

    [listed] = models.foreign_models()
    record = models.import_model(name, tmp_path, name="mine")

    assert listed.name in {name, f"{name}:latest"}
    assert listed.program == "Ollama"
    assert models.path(tmp_path, record.name) == blob


def test_ollamas_folder_may_be_another(
    tmp_path: Path, weights: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("OLLAMA_MODELS", str(tmp_path / "ollama"))
    put_into_ollama(tmp_path / "ollama", weights)

    assert [one.name for one in models.foreign_models()] == ["tiny:1b"]


@pytest.mark.parametrize(
    "text",
    ["", "{", "[]", '{"layers": 5}', '{"layers": [{"mediaType": "x"}]}', "\\xff"]
    + [
        json.dumps(
            {"layers": [{"mediaType": "application/vnd.ollama.image.model", "digest": digest}]}
        )
        for digest in ("sha256:../../etc/passwd", "", 5)
    ],
)
def test_a_damaged_manifest_of_ollama_hides_no_other(
    tmp_path: Path, weights: Path, text: str
) -> None:
    folder = tmp_path / "user/.ollama/models"
    put_into_ollama(folder, weights)
    (folder / "manifests/registry.ollama.ai/library/broken").write_text(text)

    assert [one.name for one in models.foreign_models()] == ["tiny:1b"]


def test_lm_studios_models_are_found_with_their_projectors(tmp_path: Path, weights: Path) -> None:
    folder = tmp_path / "user/.lmstudio/models/maker/tiny-GGUF"
    folder.mkdir(parents=True)
    shutil.copy(weights, folder / "tiny.gguf")
    (folder / "mmproj-tiny-f16.gguf").write_bytes(b"GGUF")

    [listed] = models.foreign_models()
    record = models.import_model(listed.name, tmp_path)

    assert listed.name == "maker/tiny-GGUF/tiny.gguf"
    assert record.name == "tiny"
    assert models.projector(tmp_path, "tiny") == folder / "mmproj-tiny-f16.gguf"


def test_a_blob_that_is_not_what_its_name_says_is_refused(tmp_path: Path, weights: Path) -> None:
    blob = put_into_ollama(tmp_path / "user/.ollama/models", weights)
    content = bytearray(blob.read_bytes())
    content[-1] ^= 1
    blob.write_bytes(content)

    with pytest.raises(ModelCorrupt, match="not the file that Ollama pulled"):
        models.import_model("tiny:1b", tmp_path)
    assert models.installed(tmp_path) == ()


@pytest.mark.parametrize("content", [b"", b"GGUF", b"<html>" * 100])
def test_what_is_no_model_is_not_registered(tmp_path: Path, content: bytes) -> None:
    file = tmp_path / "no.gguf"
    file.write_bytes(content)

    with pytest.raises((ModelCorrupt, UnsupportedModel)):
        models.import_model(str(file), tmp_path)
    with pytest.raises(ModelNotFound, match="no other program"):
        models.import_model(str(tmp_path / "gone.gguf"), tmp_path)
    assert models.installed(tmp_path) == ()


@pytest.mark.parametrize("name", ["smollm2-135m", "../x", "X", "", ".x"])
def test_a_name_that_is_taken_or_none_is_refused(tmp_path: Path, weights: Path, name: str) -> None:
    if name:
        with pytest.raises(InvalidArgument, match="name"):
            models.import_model(str(weights), tmp_path, name=name)
    (paths.models_folder(tmp_path) / "tiny-model.q8_0").mkdir(parents=True)
    with pytest.raises(InvalidArgument, match="taken"):
        models.import_model(str(weights), tmp_path)


def test_a_file_that_changed_or_vanished_is_refused_until_it_is_imported_again(
    tmp_path: Path, weights: Path
) -> None:
    name = models.import_model(str(weights), tmp_path, name="mine").name
    load = opening._loaders(tmp_path, name, None).language_model
    whole = weights.read_bytes()

    weights.write_bytes(whole[:-1] + bytes([whole[-1] ^ 1]))  # of the same size
    assert models.verify(tmp_path) == (models.DownloadVerdict(name, (str(weights),)),)
    with pytest.raises(ModelCorrupt, match="import mine again"):
        load()
    weights.unlink()
    with pytest.raises(ModelCorrupt, match="import mine again"):
        load()
    weights.write_bytes(whole)
    assert models.import_model(str(weights), tmp_path, name="mine").name == name
    assert models.path(tmp_path, name) == weights
