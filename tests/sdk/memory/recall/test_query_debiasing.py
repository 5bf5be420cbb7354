"""What a question is about is told from how it is asked, in its words and in its vector."""

import numpy as np
import pytest

from homeward.memory.recall import query_debiasing
from homeward.memory.recall.query import parse_query
from homeward.ports import Embedder


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
    words = query_debiasing.content_words(parse_query(question)).split()

    assert set(words) <= set(left.split())
    assert set(words) >= {word for word in left.split() if word not in {"a", "my", "with"}}


def test_a_question_for_one_fact_has_no_form() -> None:
    assert query_debiasing.request_forms(parse_query("When is the rent due?")) == ()
    assert query_debiasing.request_forms(parse_query("What does Ada recommend?")) == ()
    assert (
        query_debiasing.request_forms(parse_query("Any tips for a picnic?"))
        == query_debiasing.ADVICE
    )
    assert (
        query_debiasing.request_forms(parse_query("Give me a summary of my trips."))
        == query_debiasing.OVERVIEW
    )


def test_what_is_taken_out_is_gone_and_the_rest_has_unit_length() -> None:
    rng = np.random.default_rng(1)
    taken = query_debiasing.directions(rng.normal(size=(9, 32)).astype(np.float32))
    vector = rng.normal(size=32).astype(np.float32)

    left = query_debiasing.project_out(vector, taken)

    assert np.abs(taken @ left).max() < 1e-6
    assert np.linalg.norm(left) == pytest.approx(1)


def test_a_question_that_is_nothing_but_a_form_stays_as_it_is() -> None:
    taken = np.eye(3, 8, dtype=np.float32)

    assert np.array_equal(query_debiasing.project_out(taken[1], taken), taken[1])


@pytest.mark.model
def test_without_its_form_a_question_is_nearer_to_what_it_is_about(minilm: Embedder) -> None:
    taken = query_debiasing.directions(minilm.embed(query_debiasing.ADVICE))
    asked, about, asking_too = minilm.embed(
        [
            "What are some good ways to spend a rainy day?",
            "I get seasick even on a lake.",
            "Can you suggest good options for a loan?",
        ]
    )
    left = query_debiasing.project_out(asked, taken)

    assert left @ about - left @ asking_too > asked @ about - asked @ asking_too + 0.05
