"""Tags by words and by meaning: what is found, what is not mistaken for it, and without a model."""

from collections.abc import Sequence

import numpy as np
import pytest
from tests.conftest import OpenAssistant

from homeward.errors import ModelNotFound
from homeward.policy.sensitivity import TAGS, Sensitivity
from homeward.policy.sensitivity.meaning import calibration_for, sentences
from homeward.ports import Embedder, Vector
from homeward.testing import HashEmbedder

# multilingual-e5-small, int8
_E5 = "92bac1ff8552a2e29c0f78d6c286deca7473fbc2c18f01aa8e79686e09e3f50e"

# None of these is one of the sentences that tags are read by.
CARRIES = [
    ("My tooth is being pulled on Tuesday", "health"),
    ("I got a crown on my molar", "health"),
    ("I fractured two ribs", "health"),
    ("I dislocated my shoulder skiing", "health"),
    ("I relapsed last weekend", "health"),
    ("I've been seeing a shrink", "health"),
    ("I take home about two grand after deductions", "money"),
    ("My boss gives me 27 dollars per hour", "money"),
    ("The collection agency keeps calling me", "money"),
    ("I have nothing left at the end of the month", "money"),
    ("She left me for another man", "relationships"),
    ("My twins are five", "relationships"),
    ("I hate the new prime minister", "beliefs"),
    ("I'm the union rep on our site", "beliefs"),
    ("My flat is above the bakery on Mill Lane", "location"),
    ("I'm standing in front of the opera right now", "location"),
    ("My passport runs out next year", "identity"),
    ("I overstayed my visa", "identity"),
    ("I did time for burglary", "identity"),
    ("My parents came here as guest workers", "identity"),
    ("The user is a tall Brazilian.", "identity"),
    ("key: I was born in Eritrea", "identity"),
]
CARRIES_NONE = [
    "I'm sick of pop-ups",
    "I am dying to try the new ramen place",
    "She broke the school record in sprint",
    "Lentils are rich in iron",
    "I donated to Doctors Without Borders",
    "The World Bank published a report",
    "I pay attention in class",
    "I read The Economist",
    "My keyboard is dying",
    "I addressed the reviewer's comments",
    "I like Turkish coffee",
    "I work as a doctor",
    "The church tower is 40 metres high",
    "My name is Christian",
    "I killed the process",
    "I bake bread at the weekend",
    "name: Jordan",
    "job: doctor",
    "Ich mag grünen Tee",
]


class Counting:
    """MiniLM, and what it was asked to embed."""

    def __init__(self, embedder: Embedder) -> None:
        self._embedder = embedder
        self.embedded: list[str] = []
        self.sha256, self.dims = embedder.sha256, embedder.dims
        self.similarity = embedder.similarity

    def embed(self, texts: Sequence[str], *, asking: bool = False) -> Vector:
        self.embedded += texts
        return self._embedder.embed(texts, asking=asking)


@pytest.mark.model
@pytest.mark.parametrize(("text", "tag"), CARRIES, ids=str)
def test_what_no_word_list_holds_is_tagged_by_its_meaning(
    minilm: Embedder, text: str, tag: str
) -> None:
    assert tag in Sensitivity(lambda: minilm).tags([text])[0]


@pytest.mark.model
@pytest.mark.parametrize("text", CARRIES_NONE)
def test_what_only_sounds_so_carries_no_tag(minilm: Embedder, text: str) -> None:
    assert Sensitivity(lambda: minilm).tags([text]) == [()]


@pytest.mark.model
def test_one_sentence_among_many_is_not_lost_in_them(minilm: Embedder) -> None:
    trip = "We took the early train. The museum was wonderful and we had cake by the river. "
    told = trip + "My fracture still hurts. Then we looked at paintings until it closed."

    assert Sensitivity(lambda: minilm).tags([trip, told]) == [(), ("health",)]


@pytest.mark.model
def test_a_single_sentence_whose_vector_is_there_is_not_embedded_again(minilm: Embedder) -> None:
    texts = ["I got a crown on my molar", "I like Turkish coffee"]
    counting = Counting(minilm)

    tags = Sensitivity(lambda: counting).tags(texts, minilm.embed(texts))

    assert tags == [("health",), ()]
    assert counting.embedded == []


@pytest.mark.model
def test_the_shipped_vectors_are_those_of_the_sentences(minilm: Embedder) -> None:
    calibration = calibration_for(minilm.sha256)
    assert calibration is not None
    assert len(calibration.vectors) == len(sentences())

    some = slice(0, None, 17)
    again = minilm.embed([one.text for one in sentences()[some]])

    assert np.min(np.sum(again * calibration.vectors[some], axis=1)) > 0.98


def test_each_embedder_has_a_vector_for_every_sentence_that_it_is_given() -> None:
    of_many = calibration_for(_E5)
    assert of_many is not None
    kept = sentences(by_language=True)
    assert len(of_many.vectors) == len(of_many.shows) == len(kept)
    assert kept[: len(sentences())] == sentences()
    for at, one in enumerate(kept):
        assert {
            tag for tag, shown in zip(TAGS, of_many.shows[at], strict=True) if shown
        } == one.shows


def test_a_diagnosis_in_another_language_lies_nearest_to_health() -> None:
    of_many = calibration_for(_E5)
    assert of_many is not None
    texts = [one.text for one in sentences(by_language=True)]
    at = [
        texts.index(one)
        for one in ("糖尿病でインスリンを打っています。", "我有糖尿病,要打胰岛素。")
    ]
    # Without its own vote: what the sentences of other languages and topics say of it.
    votes = np.exp((of_many.vectors[at] @ of_many.vectors.T - 1) / of_many.spread)
    votes[np.arange(len(at)), at] = 0
    shares = votes @ of_many.shows / votes.sum(axis=1, keepdims=True)
    assert [TAGS[one] for one in shares.argmax(axis=1)] == ["health", "health"]


def test_every_tag_has_sentences_and_no_sentence_has_an_unknown_tag() -> None:
    carried = [one.shows for one in sentences()]

    assert frozenset().union(*carried) == frozenset(TAGS)
    assert frozenset() in carried


def test_of_an_embedder_that_was_never_calibrated_a_doubtful_word_is_enough() -> None:
    [broke, tea] = Sensitivity(HashEmbedder).tags(["I broke my wrist", "I like green tea"])

    assert {"health", "money"} <= set(broke)
    assert tea == ()


def test_without_a_model_words_decide() -> None:
    def absent() -> Embedder:
        raise ModelNotFound("no embedding model; homeward models pull")

    assert Sensitivity(absent).tags(["My salary is 62,000"]) == [("money",)]


def test_of_no_texts_there_are_no_tags() -> None:
    assert Sensitivity(HashEmbedder).tags([]) == []


@pytest.mark.model
def test_attributes_and_memories_are_tagged_alike(
    open_assistant: OpenAssistant, minilm: Embedder
) -> None:
    me = open_assistant(embedder=minilm)
    me.attributes["take-home pay"] = "about two grand"
    [memory] = me.remember("I take home about two grand")

    [attribute] = me.profile.attributes.all()
    assert "money" in attribute.tags
    assert "money" in memory.tags
