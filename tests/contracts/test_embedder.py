"""What every `Embedder` promises: MiniLM and e5 with real weights, and the public fake, alike."""

import numpy as np
import pytest

from homeward.ports import Embedder
from homeward.testing import HashEmbedder

TEXTS = ("I like tea.", "", "Wo ist der Bahnhof?", "🙂", "tea and more tea " * 200)


REAL = [pytest.param(name, marks=pytest.mark.model) for name in ("minilm", "e5")]


@pytest.fixture(params=["hash", *REAL])
def embedder(request: pytest.FixtureRequest) -> Embedder:
    if request.param == "hash":
        return HashEmbedder()
    real: Embedder = request.getfixturevalue(request.param)
    return real


def test_each_text_has_a_row_of_unit_length(embedder: Embedder) -> None:
    rows = embedder.embed(TEXTS)
    assert rows.shape == (len(TEXTS), embedder.dims)
    assert rows.dtype == np.float32
    assert np.linalg.norm(rows, axis=1) == pytest.approx(1, abs=1e-5)


def test_no_texts_have_no_rows(embedder: Embedder) -> None:
    assert embedder.embed([]).shape == (0, embedder.dims)


def test_the_same_text_has_the_same_vector_every_time(embedder: Embedder) -> None:
    assert np.array_equal(embedder.embed(TEXTS), embedder.embed(TEXTS))


def test_a_vector_does_not_depend_on_the_texts_beside_it(embedder: Embedder) -> None:
    together = embedder.embed(TEXTS)
    for row, text in zip(together, TEXTS, strict=True):
        assert np.abs(embedder.embed([text])[0] - row).max() < 1e-6


def test_the_order_of_texts_is_kept(embedder: Embedder) -> None:
    assert np.allclose(embedder.embed(TEXTS[::-1]), embedder.embed(TEXTS)[::-1], atol=1e-6)


def test_texts_that_share_words_lie_closer(embedder: Embedder) -> None:
    asked, near, far = embedder.embed(
        ["Do I like green tea?", "I like green tea.", "The train leaves at nine."]
    )
    similarity = embedder.similarity.of
    assert similarity(asked @ near) > similarity(asked @ far) + 0.2


def test_a_question_has_a_row_of_unit_length_too(embedder: Embedder) -> None:
    rows = embedder.embed(TEXTS, asking=True)
    assert rows.shape == (len(TEXTS), embedder.dims)
    assert np.linalg.norm(rows, axis=1) == pytest.approx(1, abs=1e-5)


@pytest.mark.parametrize(
    "text", ["\0", "\ud800 alone", "\u202eright to left", "\x1b[2J", "\n" * 99]
)
def test_odd_text_has_a_vector_too(embedder: Embedder, text: str) -> None:
    assert np.linalg.norm(embedder.embed([text])) == pytest.approx(1, abs=1e-5)


def test_the_identity_is_a_sha256(embedder: Embedder) -> None:
    assert len(bytes.fromhex(embedder.sha256)) == 32
