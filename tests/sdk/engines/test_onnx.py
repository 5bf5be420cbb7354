"""MiniLM here gives the vectors that sentence-transformers gives; in int8 nearly so."""

import json
import os
import shutil
import sys
from collections.abc import Sequence
from pathlib import Path

import numpy as np
import pytest

from homeward import models
from homeward.engines.onnx import Precision, open_embedder
from homeward.errors import ModelCorrupt, ModelNotFound, UnsupportedModel
from homeward.models.preparing import embedding_graph
from homeward.models.preparing.prepare import AGREEMENT_TEXTS, MIN_AGREEMENT
from homeward.ports import Embedder, Vector

REFERENCE = json.loads(
    (Path(__file__).parents[2] / "vectors" / "minilm.json").read_text(encoding="utf-8")
)
BOTH: Sequence[Precision] = ("float32", "int8")


def write_minilm(folder: Path, precision: Precision) -> None:
    embedding_graph.write_graph(
        folder, "model.safetensors", shape="minilm-l6", precision=precision, weights_sha256="a"
    )


def held() -> float:
    """The megabytes that this process has in memory."""
    pages = int(Path("/proc/self/statm").read_text().split()[1])
    return pages * os.sysconf("SC_PAGE_SIZE") / 1e6


def cosines(a: Vector, b: Vector) -> Vector:
    product: Vector = np.sum(a * b, axis=1)
    return product


@pytest.fixture(scope="module")
def folder(models_home: Path) -> Path:
    return models.path(models_home, models.DEFAULT_EMBEDDING)


@pytest.fixture(scope="module")
def float32(folder: Path) -> Embedder:
    return open_embedder(folder, precision="float32")


@pytest.fixture(scope="module")
def made(folder: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Both graphs anew, as int8 need not have been kept on this machine."""
    fresh = tmp_path_factory.mktemp("minilm")
    for name in ("model.safetensors", "tokenizer.json"):
        (fresh / name).hardlink_to(folder / name)
    for precision in BOTH:
        write_minilm(fresh, precision)
    return fresh


@pytest.mark.model
def test_the_reference_is_of_the_pinned_model(models_home: Path) -> None:
    [record] = [
        one for one in models.installed(models_home) if one.name == models.DEFAULT_EMBEDDING
    ]
    pinned = {file.name: file.sha256 for file in record.files}
    assert pinned["model.safetensors"] == REFERENCE["model_sha256"]
    assert pinned["tokenizer.json"] == REFERENCE["tokenizer_sha256"]


@pytest.mark.model
def test_float32_gives_the_vectors_of_sentence_transformers(float32: Embedder) -> None:
    expected = np.array([case["vector"] for case in REFERENCE["cases"]], np.float32)
    rows = float32.embed([case["text"] for case in REFERENCE["cases"]])
    assert cosines(rows, expected).min() >= 0.999
    assert np.abs(rows - expected).max() < 1e-5


@pytest.mark.model
def test_the_reference_tells_texts_apart(float32: Embedder) -> None:
    expected = np.array([case["vector"] for case in REFERENCE["cases"]], np.float32)
    rows = float32.embed([case["text"] for case in REFERENCE["cases"]])
    assert cosines(np.roll(rows, 1, axis=0), expected).max() < 0.9


@pytest.mark.model
def test_int8_agrees_with_float32(made: Path) -> None:
    a, b = (open_embedder(made, precision=one).embed(AGREEMENT_TEXTS) for one in BOTH)
    assert MIN_AGREEMENT <= cosines(a, b).min() < 0.99999  # and is not float32 by mistake


@pytest.mark.model
@pytest.mark.parametrize("precision", BOTH)
def test_padding_and_neighbours_change_nothing(made: Path, precision: Precision) -> None:
    embedder = open_embedder(made, precision=precision)
    texts = ["tea", "a longer text about tea and other things", "ok, thanks 🙂", "word " * 300]
    alone = np.concatenate([embedder.embed([text]) for text in texts])
    assert np.abs(embedder.embed(texts) - alone).max() < 1e-6


@pytest.mark.model
def test_text_past_256_pieces_is_not_read(float32: Embedder) -> None:
    # "tea" is one piece; with the two special ones, 254 of it fill the window.
    full, longer, shorter = float32.embed(["tea " * 254, "tea " * 254 + "train", "tea " * 253])
    assert np.array_equal(full, longer)
    assert not np.array_equal(full, shorter)


@pytest.mark.model
def test_the_identity_names_weights_and_precision(made: Path, float32: Embedder) -> None:
    ours = {open_embedder(made, precision=precision).sha256 for precision in BOTH}
    assert len(ours | {float32.sha256}) == 3
    assert open_embedder(made).sha256 == open_embedder(made, precision="int8").sha256


@pytest.mark.model
def test_the_identity_names_the_tokenizer(made: Path, tmp_path: Path) -> None:
    copy = shutil.copytree(made, tmp_path / "copy")
    tokenizer = copy / "tokenizer.json"
    tokenizer.write_bytes(tokenizer.read_bytes() + b"\n")
    assert open_embedder(copy).sha256 != open_embedder(made).sha256


@pytest.mark.model
def test_the_graph_holds_no_weights_so_that_they_are_mapped(made: Path) -> None:
    for precision in BOTH:
        assert (made / f"{precision}.onnx").stat().st_size < 100_000
    assert not (made / "float32.bin").exists()  # it points into the file that was pulled


@pytest.mark.model
@pytest.mark.skipif(sys.platform != "linux", reason="reads /proc")
def test_what_is_embedded_at_once_leaves_little_memory_behind(made: Path) -> None:
    embedder = open_embedder(made, precision="int8")
    page = "The keeper wrote every evening in a small blue book what he saw. " * 40
    embedder.embed([page])
    before = held()
    embedder.embed([page] * 8)
    assert held() - before < 20  # in one batch they leave 77


@pytest.mark.model
@pytest.mark.parametrize("name", ["int8.onnx", "int8.bin", "tokenizer.json", "model.safetensors"])
def test_a_cut_file_is_told(made: Path, tmp_path: Path, name: str) -> None:
    copy = shutil.copytree(made, tmp_path / "copy")
    content = (copy / name).read_bytes()
    (copy / name).write_bytes(content[: len(content) // 2])
    with pytest.raises(ModelCorrupt):
        open_embedder(copy, precision="int8" if name.startswith("int8") else "float32")


def test_a_folder_without_a_model_is_told(tmp_path: Path) -> None:
    for precision in (None, *BOTH):
        with pytest.raises(ModelNotFound):
            open_embedder(tmp_path, precision=precision)


@pytest.mark.parametrize("content", [b"", b"not a graph"])
def test_a_file_that_is_no_graph_is_told(tmp_path: Path, content: bytes) -> None:
    (tmp_path / "int8.onnx").write_bytes(content)
    (tmp_path / "tokenizer.json").write_bytes(content)
    with pytest.raises(ModelCorrupt, match=r"int8\.onnx"):
        open_embedder(tmp_path)


def test_weights_of_another_model_are_refused(tmp_path: Path) -> None:
    header = b'{"x": {"dtype": "F32", "shape": [1], "data_offsets": [0, 4]}}'
    (tmp_path / "model.safetensors").write_bytes(
        len(header).to_bytes(8, "little") + header + bytes(4)
    )
    for precision in BOTH:
        with pytest.raises(UnsupportedModel, match="is not minilm-l6"):
            write_minilm(tmp_path, precision)
    assert not list(tmp_path.glob("*.onnx"))
