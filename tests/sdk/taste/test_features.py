"""Readable features measure what they are called, and do not see who is spoken of."""

from pathlib import Path

import numpy as np
import pytest

from homeward.taste import FEATURES, Features, learn_basis, measure, neutral
from homeward.testing import HashEmbedder

NAMES = [feature.name for feature in FEATURES]
PLAIN = "Wash it in cold water. Then dry it in the shade."


def value(name: str, reply: str, prompt: str = "") -> float:
    return float(measure(prompt, reply)[NAMES.index(name)])


@pytest.mark.parametrize(
    ("name", "more", "less"),
    [
        ("length", PLAIN * 4, PLAIN),
        ("sentences", "Wash it in cold water and then dry it in the shade.", PLAIN),
        ("words", "Utilization necessitates considerable preparation.", PLAIN),
        ("lists", "1. Wash it.\n2. Dry it.", PLAIN),
        ("markup", "# Washing\n**Cold** water.", "Washing\nCold water."),
        ("code", "Run `ls -l` now.", "Run it now."),
        ("formality", "It is therefore important to ensure this.", "So that's kinda cool."),
        ("warmth", "Thank you, I hope you enjoy it.", PLAIN),
        ("emoji", "Wash it \N{GRINNING FACE}", "Wash it"),
        ("exclamation", "Wash it! Dry it!", PLAIN),
        ("questions", "Which colour is it? Then wash it.", PLAIN),
        ("hedging", "Perhaps you might wash it.", PLAIN),
        ("examples", "Use a solvent, for example vinegar.", "Use a solvent."),
        ("numbers", "Wash at 30 degrees for 15 minutes.", PLAIN),
        ("quotes", 'Choose "delicate" on the dial.', "Choose delicate on the dial."),
        ("address", "You should wash your shirt.", PLAIN),
        ("self", "I would wash it, I think.", PLAIN),
    ],
)
def test_a_feature_rises_with_what_it_is_named_for(name: str, more: str, less: str) -> None:
    assert value(name, more) > value(name, less)


def test_echo_is_about_the_question() -> None:
    asked = "How do I remove wine stains?"
    assert value("echo", "To remove wine stains, wait.", asked) > value("echo", PLAIN, asked)


def test_typographic_marks_count_as_plain_ones() -> None:
    curly = "It\u2019s \u201cfine\u201d\u2026"
    assert measure("", curly) == pytest.approx(measure("", 'It\'s "fine"...'))


@pytest.mark.parametrize("reply", ["", " \n", "\u0000", "🙂" * 500, "a" * 20_000, "1.\n2.\n" * 300])
def test_any_text_gives_finite_features_within_bounds(reply: str) -> None:
    measured = measure("", reply)
    assert np.isfinite(measured).all()
    assert np.abs(measured).max() <= 4


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("a Muslim neighbour", "a Christian neighbour"),
        ("an Asian woman and her son", "a gay man and his husband"),
        ("old people vote", "young people vote"),
        ("She helped Nigerians", "He helped Germans"),
        ("black neighbors", "white neighbors"),
    ],
)
def test_texts_that_differ_in_who_they_are_about_look_alike(one: str, other: str) -> None:
    features = Features(HashEmbedder(), learn_basis(np.eye(64, dtype=np.float32)))
    first, second = features.of(one, [one]), features.of(other, [other])
    assert neutral(one) == neutral(other)
    assert first == pytest.approx(second)


def test_a_colour_that_describes_no_person_is_left_alone() -> None:
    assert neutral("white wine on an old shirt") == "white wine on an old shirt"


def test_every_listed_word_is_taken_out_of_a_sentence() -> None:
    listed = Path(neutral.__code__.co_filename).with_name("identity_words.txt")
    words = [line for line in listed.read_text().splitlines() if not line.startswith("#")]
    assert len(words) > 150
    assert {neutral(f"We met {word} there.") for word in words} == {"We met someone there."}


def test_a_basis_keeps_the_directions_that_vary_most() -> None:
    rng = np.random.default_rng(0)
    vectors = (rng.normal(size=(200, 8)) * [5, 3, 1, 1, 1, 1, 1, 1]).astype(np.float32)
    basis = learn_basis(vectors, k=2)
    assert np.abs(basis.directions[0, 0]) > 0.95
    assert np.abs(basis.directions[1, 1]) > 0.95
    projected = basis.project(vectors)
    assert projected.mean(axis=0) == pytest.approx(np.zeros(2), abs=1e-5)
    assert projected.std(axis=0) == pytest.approx(np.ones(2), abs=0.01)


def test_a_basis_needs_more_vectors_than_directions() -> None:
    with pytest.raises(ValueError, match="more than 3"):
        learn_basis(np.eye(3, dtype=np.float32), k=3)


def test_an_embedder_without_its_basis_is_refused() -> None:
    with pytest.raises(ValueError, match="together"):
        Features(HashEmbedder())


def test_the_stranger_has_a_weight_for_every_column() -> None:
    features = Features(HashEmbedder(), learn_basis(np.eye(64, dtype=np.float32)))
    assert features.stranger().names == features.names
    assert features.of("q", ["a", "b"]).shape == (2, len(features.names))
    assert Features().of("q", []).shape == (0, len(Features().names))
