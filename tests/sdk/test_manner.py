"""What a question is about is told from how it is asked, in its words and in its vector."""

import numpy as np
import pytest

from homeward.ports import Embedder
from homeward.recall import manner
from homeward.recall.question import read


@pytest.mark.parametrize(
    ("question", "left"),
    [
        ("Can you recommend a good phone with a bright display?", "a phone with a bright display"),
        ("Can you list the order in which I brought up my rabbits?", "a my rabbits"),
        ("What would you suggest?", "What would you suggest?"),
        ("When is the rent due?", "When is the rent due?"),
    ],
)
def test_words_of_the_form_are_not_looked_up(question: str, left: str) -> None:
    words = manner.telling_words(read(question)).split()

    assert set(words) <= set(left.split())
    assert set(words) >= {word for word in left.split() if word not in {"a", "my", "with"}}


def test_a_question_for_one_fact_has_no_form() -> None:
    assert manner.forms_of(read("When is the rent due?")) == ()
    assert manner.forms_of(read("What does Ada recommend?")) == ()
    assert manner.forms_of(read("Any tips for a picnic?")) == manner.ADVICE
    assert manner.forms_of(read("Give me a summary of my trips.")) == manner.OVERVIEW


def test_what_is_taken_out_is_gone_and_the_rest_has_unit_length() -> None:
    rng = np.random.default_rng(1)
    taken = manner.directions(rng.normal(size=(9, 32)).astype(np.float32))
    vector = rng.normal(size=32).astype(np.float32)

    left = manner.without(vector, taken)

    assert np.abs(taken @ left).max() < 1e-6
    assert np.linalg.norm(left) == pytest.approx(1)


def test_a_question_that_is_nothing_but_a_form_stays_as_it_is() -> None:
    taken = np.eye(3, 8, dtype=np.float32)

    assert np.array_equal(manner.without(taken[1], taken), taken[1])


@pytest.mark.model
def test_without_its_form_a_question_is_nearer_to_what_it_is_about(minilm: Embedder) -> None:
    taken = manner.directions(minilm.embed(manner.ADVICE))
    asked, about, asking_too = minilm.embed(
        [
            "What are some good ways to spend a rainy day?",
            "I get seasick even on a lake.",
            "Can you suggest good options for a loan?",
        ]
    )
    left = manner.without(asked, taken)

    assert left @ about - left @ asking_too > asked @ about - asked @ asking_too + 0.05
