"""A model's vectors are centred, and its cosines put on the scale of the thresholds."""

from collections.abc import Sequence

import numpy as np
import pytest

from homeward.models.preparing.embedding_calibration import calibrate
from homeward.ports import Vector
from homeward.testing import HashEmbedder


class Narrow(HashEmbedder):
    """Vectors that all lie close to one direction, as those of some models do."""

    def embed(self, texts: Sequence[str], *, asking: bool = False) -> Vector:
        rows = super().embed(texts, asking=asking)
        rows[:, 0] += -3 if asking else 5
        narrow: Vector = rows / np.linalg.norm(rows, axis=1, keepdims=True)
        return narrow


def test_what_all_vectors_share_is_taken_out() -> None:
    texts = ["I like tea.", "Der Zug fährt um neun.", "猫が好きです。"]
    narrow = Narrow().embed(texts)
    measured = calibrate(Narrow())
    rows = measured.centred(narrow, asking=False)
    assert (narrow @ narrow.T).min() > 0.9
    assert (rows @ rows.T)[~np.eye(3, dtype=bool)].max() < 0.4
    assert np.linalg.norm(rows, axis=1) == pytest.approx(1)


def test_two_models_come_to_the_same_scale() -> None:
    question, answer, other = "Do I like tea?", "I like green tea.", "The train leaves at nine."
    for embedder in (HashEmbedder(), Narrow()):
        measured = calibrate(embedder)
        [asked] = measured.centred(embedder.embed([question], asking=True), asking=True)
        said = measured.centred(embedder.embed([answer, other]), asking=False)
        near, far = (measured.similarity.of(float(asked @ row)) for row in said)
        assert near > 0.25 > far


def test_the_sentences_are_named_by_their_hash() -> None:
    assert len(bytes.fromhex(calibrate(HashEmbedder()).sentences)) == 32
