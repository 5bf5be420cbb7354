"""Q8_0 is used unless clearly slower, and int8 only where its vectors agree with float32's."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from pathlib import Path

import numpy as np
import pytest

from homeward import models
from homeward.engines import embedding_description
from homeward.errors import UnsupportedModel
from homeward.models.embedding_entry import EmbeddingEntry
from homeward.models.entry import CatalogueEntry, ModelFile, ModelUse, PathSource
from homeward.models.preparing.prepare import Prepared, Runtimes, prepare
from homeward.models.progress import silent
from homeward.ports import Embedder, Vector
from homeward.testing import HashEmbedder

from .conftest import Enter

Q4, Q8 = "tiny.gguf", "tiny.Q8_0.gguf"


@dataclass(frozen=True)
class Speed:
    prefill: float
    decode: float


class Turned:
    """Vectors of a `HashEmbedder`, turned away from it by an angle of the given cosine."""

    def __init__(self, cosine: float) -> None:
        self._inner, self._cosine = HashEmbedder(), cosine
        self.sha256, self.dims = "turned", self._inner.dims
        self.similarity = self._inner.similarity

    def embed(self, texts: Sequence[str], *, asking: bool = False) -> Vector:
        rows = self._inner.embed(texts, asking=asking)
        aside = np.roll(rows, 1, axis=1)
        aside -= np.sum(aside * rows, axis=1, keepdims=True) * rows
        aside /= np.linalg.norm(aside, axis=1, keepdims=True)
        sine = np.sqrt(1 - self._cosine**2)
        turned: Vector = (self._cosine * rows + sine * aside).astype(np.float32)
        return turned


def _write_q8(_: Path, target: Path) -> None:
    target.write_bytes(b"q8")


def _write_graph(folder: Path, _: str, __: str, precision: str) -> None:
    for end in ("onnx", "bin"):
        (folder / f"{precision}.{end}").touch()


def runtimes(*, q8: Speed = Speed(1, 1), cosine: float = 1.0) -> Runtimes:
    embedders: dict[str, Embedder] = {"float32": HashEmbedder(), "int8": Turned(cosine)}
    return Runtimes(
        requantize=_write_q8,
        measure_speed=lambda path: q8 if path.name == Q8 else Speed(300, 75),
        write_graph=_write_graph,
        write_tokenizer=lambda _, target: target.touch(),
        open_embedder=lambda _, precision: embedders[precision],
    )


def entry(kind: ModelUse, *, try_q8_0: bool = False) -> CatalogueEntry:
    return CatalogueEntry(
        name="tiny",
        kind=kind,
        summary="",
        licence="",
        terms=None,
        context=1,
        chat_template=None,
        try_q8_0=try_q8_0,
        rank=0,
        source=PathSource(Path("/")),
        files=(ModelFile(Q4, (Q4,), 1, "0" * 64),),
    )


def prepared_language(folder: Path, tools: Runtimes) -> Prepared:
    (folder / Q4).write_bytes(b"q4")
    return prepare(entry(ModelUse.LANGUAGE, try_q8_0=True), folder, tools, silent)


@pytest.mark.parametrize(
    ("q8", "used"),
    [
        (Speed(600, 75), Q8),
        (Speed(300, 90), Q8),
        (Speed(537, 66), Q8),  # reads so much faster that writing more slowly does not matter
        (Speed(300, 75), Q8),
        (Speed(270, 68), Q8),  # within what measuring is off by
        (Speed(310, 40), Q4),
        (Speed(150, 75), Q4),
    ],
)
def test_q8_0_is_used_unless_a_turn_takes_clearly_longer_with_it(
    tmp_path: Path, q8: Speed, used: str
) -> None:
    result = prepared_language(tmp_path, runtimes(q8=q8))
    assert result.used == used
    assert result.made == ((Q8,) if used == Q8 else ())
    assert (tmp_path / Q8).exists() is (used == Q8)
    assert result.measured[f"{Q4} prefill tokens/s"] == 300
    assert result.measured[f"{Q8} decode tokens/s"] == q8.decode


def test_a_model_that_cannot_be_requantized_is_used_as_it_came(tmp_path: Path) -> None:
    def refuse(_: Path, __: Path) -> None:
        raise UnsupportedModel("no")

    tools = runtimes()
    result = prepared_language(tmp_path, replace(tools, requantize=refuse))
    assert result == Prepared(used=Q4, made=(), measured={})


def test_other_models_are_used_as_they_come(tmp_path: Path) -> None:
    result = prepare(entry(ModelUse.LANGUAGE), tmp_path, None, silent)
    assert result == Prepared(used=Q4, made=(), measured={})


@pytest.mark.parametrize(("cosine", "kept"), [(0.995, True), (0.985, False)])
def test_int8_is_kept_only_where_it_agrees(tmp_path: Path, cosine: float, kept: bool) -> None:  # noqa: FBT001
    result = prepare(entry(ModelUse.EMBEDDING), tmp_path, runtimes(cosine=cosine), silent)
    assert result.used == ("int8.onnx" if kept else "float32.onnx")
    assert (tmp_path / "int8.onnx").exists() is (tmp_path / "int8.bin").exists() is kept
    assert list(result.measured.values()) == [pytest.approx(cosine, abs=1e-3)]


def test_a_calibrated_model_is_described_and_keeps_only_the_graph_that_is_used(
    tmp_path: Path,
) -> None:
    form = EmbeddingEntry("e5-small", "query: ", "passage: ", calibrated=True)
    one = replace(entry(ModelUse.EMBEDDING), context=512, embedding=form)
    result = prepare(one, tmp_path, runtimes(cosine=0.995), silent)
    assert result.made == ("tokenizer.json", "embedding.json", "int8.onnx", "int8.bin")
    assert {file.name for file in tmp_path.iterdir()} == set(result.made)
    described = embedding_description.read(tmp_path)
    assert (described.question_prefix, described.memory_prefix) == ("query: ", "passage: ")
    assert described.max_pieces == 512
    assert described.calibration is not None


@pytest.mark.usefixtures("local")
def test_the_choice_is_recorded_and_not_made_again(tmp_path: Path, enter: Enter) -> None:
    measured = []

    def measure(path: Path) -> Speed:
        measured.append(path.name)
        return Speed(100, 100) if path.name == Q8 else Speed(10, 10)

    tools = runtimes()
    tools = replace(tools, measure_speed=measure)
    enter(f"folder = '{tmp_path / 'source'}'", extra="try_q8_0 = true")
    for _ in range(2):
        models.pull("tiny", tmp_path, runtimes=tools)
        assert models.path(tmp_path, "tiny").name == Q8
    assert measured == [Q4, Q8]
    assert models.verify(tmp_path) == (models.DownloadVerdict("tiny", ()),)
    models.path(tmp_path, "tiny").write_bytes(b"xx")
    assert models.verify(tmp_path) == (models.DownloadVerdict("tiny", (Q8,)),)


def test_a_failing_requantization_installs_nothing(tmp_path: Path, local: Path) -> None:
    def full(_: Path, target: Path) -> None:
        target.with_name(".half").write_bytes(b"half")
        raise KeyboardInterrupt

    tools = runtimes()
    broken = replace(tools, requantize=full)
    own = tmp_path / "models.toml"
    own.write_text(own.read_text().replace("context = 64", "context = 64\ntry_q8_0 = true"))
    with pytest.raises(KeyboardInterrupt):
        models.pull("tiny", tmp_path, runtimes=broken)
    assert models.installed(tmp_path) == ()
    assert models.pull("tiny", tmp_path, runtimes=tools).used == Q4
    names = {file.name for file in models.path(tmp_path, "tiny").parent.iterdir()}
    assert names == {local.name, "manifest.json"}
