"""
Measures what an embedding model's vectors share, and puts its cosines on the common scale.

The sentences are ten statements and a question about each, in eighteen languages; none of them is
in a benchmark. Knows vectors; whose model it is does not matter.
"""

from importlib.resources import files

import numpy as np

from homeward.engines.embedding_description import SpaceCalibration, digest
from homeward.ports import Embedder, SimilarityScale, Vector

_SENTENCES = files("homeward.models.preparing").joinpath("calibration_sentences.tsv")
_A_LANGUAGE = 10  # pairs
# Mean cosines of MiniLM for the ten English pairs, and for questions about another statement: the
# scale that the thresholds of recall were measured on.
_ANSWER, _OTHER = 0.56, 0.065
_LEAST_CONTRAST = 1e-3  # of answers to others, below which a model tells nothing apart


def calibrate(embedder: Embedder) -> SpaceCalibration:
    """Measure `embedder`, which is not calibrated yet."""
    text = _SENTENCES.read_text(encoding="utf-8")
    statements, questions = zip(*(line.split("\t") for line in text.splitlines()), strict=True)
    said, asked = embedder.embed(statements), embedder.embed(questions, asking=True)
    centres = asked.mean(axis=0), said.mean(axis=0)
    measured = SpaceCalibration(*centres, SimilarityScale(), digest(text))
    scale = _scale(measured.centred(asked, asking=True), measured.centred(said, asking=False))
    return SpaceCalibration(*centres, scale, digest(text))


def _scale(questions: Vector, statements: Vector) -> SimilarityScale:
    """Return the line through the mean cosines of answers and of others, within a language."""
    answers, others = list[float](), list[float]()
    for start in range(0, len(questions), _A_LANGUAGE):
        rows = slice(start, start + _A_LANGUAGE)
        cosines = questions[rows] @ statements[rows].T
        is_answer = np.eye(len(cosines), dtype=bool)
        answers.append(float(cosines[is_answer].mean()))
        others.append(float(cosines[~is_answer].mean()))
    return _line(float(np.mean(answers)), float(np.mean(others)))


def _line(answer: float, other: float) -> SimilarityScale:
    slope = (_ANSWER - _OTHER) / max(answer - other, _LEAST_CONTRAST)
    return SimilarityScale(slope, _OTHER - slope * other)
