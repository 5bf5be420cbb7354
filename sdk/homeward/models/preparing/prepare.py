"""
Derives files from a pulled model on this device: a faster GGUF file, an embedding model's graphs.

Knows how the better of two is chosen. How to requantize, measure and embed is handed in, so that
the choice can be tested without a model.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING, Protocol

import numpy as np

from homeward.engines import embedding_description
from homeward.engines.embedding_description import EmbeddingDescription
from homeward.errors import UnsupportedModel
from homeward.models.disk import write_whole
from homeward.models.embedding_entry import EmbeddingEntry
from homeward.models.entry import CatalogueEntry, ModelUse
from homeward.models.preparing.embedding_calibration import calibrate
from homeward.models.progress import DownloadProgress, DownloadStage, Report
from homeward.ports import Embedder

if TYPE_CHECKING:  # `homeward models list` must not load ONNX Runtime
    from homeward.engines.onnx import Precision

# A turn of a chat: a question with recalled memories is read, and an answer written.
_PROMPT_TOKENS, _REPLY_TOKENS = 300, 100
# A measurement beside other work is off by more than the two files differ on most machines. Which
# one was sooner by a little must not decide what the model says: the two answer differently.
_CLEARLY_LATER = 1.25

MIN_AGREEMENT = 0.99  # cosine of int8 to float32, on the worst of the texts below
AGREEMENT_TEXTS = (
    "I like tea.",
    "What did I say about my sister's birthday?",
    "The meeting with the landlord was moved to Thursday at half past nine, in the small office.",
    "Please write shorter e-mails for me, without greetings, and never in capital letters.",
    "She is allergic to peanuts and shellfish, so we cooked lentils with rice and a green salad.",
    "def area(r):\n    return 3.14159 * r ** 2  # square metres",
    "Ich fahre am Wochenende mit dem Rad nach Potsdam und nehme das Zelt mit.",
    "Je préfère le train de nuit, même s'il est plus lent.",
    "Prices in March: rent 840, power 61.50, phone 12; we are 37 over the budget!",
    "ok, thanks 🙂",
    """
    In the years after the bridge was closed the village lost first its inn, then its school, and
    at last the bakery, whose owner had walked the four kilometres to the mill every morning;
    nobody wrote any of it down, and what we know of it comes from two letters and a photograph.
    """,
)


class MeasuredSpeed(Protocol):
    """The speed of a model, in tokens a second."""

    @property
    def prefill(self) -> float: ...  # noqa: D102

    @property
    def decode(self) -> float: ...  # noqa: D102


@dataclass(frozen=True, slots=True)
class Runtimes:
    """What preparing needs of llama.cpp, ONNX and ONNX Runtime."""

    requantize: Callable[[Path, Path], None]  # to Q8_0
    measure_speed: Callable[[Path], MeasuredSpeed]
    write_graph: Callable[[Path, str, str, "Precision"], None]  # folder, weights, shape
    write_tokenizer: Callable[[Path, Path], None]  # of weights that hold their vocabulary
    open_embedder: Callable[[Path, "Precision"], Embedder]


@dataclass(frozen=True, slots=True)
class Prepared:
    """Which file is used, which were made, and the figures that decided."""

    used: str
    made: tuple[str, ...]
    measured: Mapping[str, float]


def prepare(
    entry: CatalogueEntry, folder: Path, runtimes: Runtimes | None, report: Report
) -> Prepared:
    """
    Make what is used from the entry's files, which lie whole in `folder`.

    Raises:
        ModelCorrupt, UnsupportedModel: from the runtimes, about files that they cannot read.
    """
    first = entry.files[0]
    if entry.kind is ModelUse.LANGUAGE and not entry.try_q8_0:
        return Prepared(used=first.name, made=(), measured={})
    runtimes = runtimes or real_runtimes(weights_sha256=first.sha256)
    if entry.kind is ModelUse.LANGUAGE:
        return _requantized(folder / first.name, runtimes, report)
    return _graphs(entry, folder, runtimes, report)


def _requantized(source: Path, runtimes: Runtimes, report: Report) -> Prepared:
    """The Q8_0 form of `source`, or `source` where a turn takes clearly longer with Q8_0."""
    other = source.with_name(f"{source.stem}.Q8_0.gguf")
    report(DownloadProgress(DownloadStage.CONVERTING, other.name))
    try:
        runtimes.requantize(source, other)
    except UnsupportedModel:  # it can be used as it came all the same
        return Prepared(used=source.name, made=(), measured={})
    measured: dict[str, float] = {}
    seconds = {}
    for path in (source, other):
        report(DownloadProgress(DownloadStage.MEASURING, path.name))
        speed = runtimes.measure_speed(path)
        measured[f"{path.name} prefill tokens/s"] = round(speed.prefill, 1)
        measured[f"{path.name} decode tokens/s"] = round(speed.decode, 1)
        seconds[path] = _PROMPT_TOKENS / speed.prefill + _REPLY_TOKENS / speed.decode
    if seconds[other] < _CLEARLY_LATER * seconds[source]:
        return Prepared(used=other.name, made=(other.name,), measured=measured)
    other.unlink()
    return Prepared(used=source.name, made=(), measured=measured)


def _graphs(entry: CatalogueEntry, folder: Path, runtimes: Runtimes, report: Report) -> Prepared:
    """Both graphs, and int8 used only where its vectors agree with float32's on this machine."""
    form, weights = entry.embedding or EmbeddingEntry(), entry.files[0].name
    made = _described(entry, form, folder, runtimes)
    both: tuple[Precision, ...] = ("float32", "int8")
    for precision in both:
        report(DownloadProgress(DownloadStage.CONVERTING, f"{precision}.onnx"))
        runtimes.write_graph(folder, weights, form.shape, precision)
    if form.calibrated:
        report(DownloadProgress(DownloadStage.MEASURING, embedding_description.NAME))
        measured = calibrate(runtimes.open_embedder(folder, "float32"))
        described = replace(embedding_description.read(folder), calibration=measured)
        _write(described, folder)
    vectors = [runtimes.open_embedder(folder, one).embed(AGREEMENT_TEXTS) for one in both]
    agreement = float(np.min(np.sum(vectors[0] * vectors[1], axis=1)))
    figures = {"int8 cosine to float32, worst text": round(agreement, 4)}
    if agreement < MIN_AGREEMENT:
        _delete_graph(folder, "int8")
        return Prepared("float32.onnx", (*made, *_graph_files(folder, "float32")), figures)
    if form == EmbeddingEntry():
        kept = (*_graph_files(folder, "float32"), *_graph_files(folder, "int8"))
        return Prepared("int8.onnx", (*made, *kept), figures)
    _delete_graph(folder, "float32")  # as large as the weights where it does not point to them
    return Prepared("int8.onnx", (*made, *_graph_files(folder, "int8")), figures)


def _graph_files(folder: Path, precision: str) -> tuple[str, ...]:
    """A graph, and the weights that lie beside it where it does not point into those pulled."""
    return tuple(
        name for end in ("onnx", "bin") if (folder / (name := f"{precision}.{end}")).exists()
    )


def _delete_graph(folder: Path, precision: str) -> None:
    for name in _graph_files(folder, precision):
        (folder / name).unlink()


def _described(
    entry: CatalogueEntry, form: EmbeddingEntry, folder: Path, runtimes: Runtimes
) -> tuple[str, ...]:
    """Write what lies beside the graphs and is not pulled; return its names."""
    made: tuple[str, ...] = ()
    if len(entry.files) == 1:
        runtimes.write_tokenizer(folder / entry.files[0].name, folder / "tokenizer.json")
        made = ("tokenizer.json",)
    if form == EmbeddingEntry():
        return made
    described = EmbeddingDescription(form.question_prefix, form.memory_prefix, entry.context)
    _write(described, folder)
    return (*made, embedding_description.NAME)


def _write(described: EmbeddingDescription, folder: Path) -> None:
    write_whole(folder / embedding_description.NAME, embedding_description.dumps(described))


def real_runtimes(weights_sha256: str) -> Runtimes:
    """The runtimes themselves, imported here so that listing models loads none of them."""
    from homeward.engines.llama.quantize import measure_speed, requantize  # noqa: PLC0415
    from homeward.engines.onnx import open_embedder  # noqa: PLC0415
    from homeward.models.preparing import embedding_graph  # noqa: PLC0415

    return Runtimes(
        requantize=lambda source, target: requantize(source, target, to="Q8_0"),
        measure_speed=measure_speed,
        write_graph=lambda folder, weights, shape, precision: embedding_graph.write_graph(
            folder, weights, shape=shape, precision=precision, weights_sha256=weights_sha256
        ),
        write_tokenizer=embedding_graph.write_tokenizer,
        open_embedder=lambda folder, precision: open_embedder(folder, precision=precision),
    )
