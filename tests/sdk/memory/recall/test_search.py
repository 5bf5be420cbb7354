"""Recall: what speaks for a memory decides its place, and what is not similar is not quoted."""

import pytest

from homeward.memory.recall import Preceding, Recall, RecallProfile
from homeward.ports import Embedder
from homeward.testing import HashEmbedder
from homeward_store import MemoryDraft, MemoryId, Profile, SourceKind, Span


def remembered(profile: Profile, *texts: str, recall: Recall) -> list[MemoryId]:
    ids = []
    for text, vector in zip(texts, recall.embed(texts), strict=True):
        note = profile.notes.add(text)
        draft = MemoryDraft(
            text=text,
            source=Span(SourceKind.NOTE, note.id, 0, len(text)),
            said_at=note.noted_at,
            vector=vector,
            space=recall.space,
        )
        ids += [memory.id for memory in profile.memories.add([draft])]
    return ids


def test_a_similar_memory_is_found_and_an_unrelated_one_is_not(tmp_profile: Profile) -> None:
    recall = Recall(tmp_profile.memories, HashEmbedder())
    rent, _ = remembered(
        tmp_profile, "the rent is due on the fifth", "a green bicycle", recall=recall
    )

    assert [found.memory.id for found in recall.find("when is the rent due", limit=2)] == [rent]


def test_an_excluded_memory_is_not_found(tmp_profile: Profile) -> None:
    recall = Recall(tmp_profile.memories, HashEmbedder())
    [rent] = remembered(tmp_profile, "the rent is due on the fifth", recall=recall)

    assert recall.find("when is the rent due", limit=2, exclude={rent}) == []


def test_no_more_than_the_profile_allows_are_found(tmp_profile: Profile) -> None:
    recall = Recall(tmp_profile.memories, HashEmbedder())
    remembered(tmp_profile, *(f"the rent is due on day {day}" for day in range(9)), recall=recall)

    assert len(recall.find("when is the rent due", limit=3)) == 3
    assert len(recall.rank("when is the rent due", limit=100).found) == 9


def test_a_memory_far_behind_the_best_is_not_found(tmp_profile: Profile) -> None:
    texts = ("the rent is due on the fifth", "the rent of the boat was high")
    rent, boat = remembered(
        tmp_profile, *texts, recall=Recall(tmp_profile.memories, HashEmbedder())
    )

    def found(max_gap: float) -> list[MemoryId]:
        profile = RecallProfile(max_gap=max_gap)
        recall = Recall(tmp_profile.memories, HashEmbedder(), profile)
        return [one.memory.id for one in recall.find("when is the rent due", limit=2)]

    assert found(max_gap=100) == [rent, boat]
    assert found(max_gap=0) == [rent]


@pytest.mark.model
def test_a_question_that_refers_back_finds_what_was_not_told_yet(
    tmp_profile: Profile, minilm: Embedder
) -> None:
    recall = Recall(tmp_profile.memories, minilm)
    texts = ("My supervisor is Dr Achebe.", "Dr Achebe holds office hours on Tuesday.", "I am Bo.")
    supervisor, hours, _ = remembered(tmp_profile, *texts, recall=recall)

    def found(after: Preceding) -> list[MemoryId]:
        return [
            one.memory.id
            for one in recall.find("On which day can I see her?", limit=2, after=after)
        ]

    assert found(Preceding(texts[0]))[0] == supervisor
    assert found(Preceding(texts[0], supervisor))[0] == hours


def test_an_empty_profile_recalls_nothing(tmp_profile: Profile) -> None:
    recall = Recall(tmp_profile.memories, HashEmbedder())

    assert recall.find("anything", limit=2) == []
    assert recall.find("anything", limit=2, after=Preceding("something")) == []


def test_an_empty_profile_gives_no_confidence(tmp_profile: Profile) -> None:
    recall = Recall(tmp_profile.memories, HashEmbedder())

    assert recall.rank("anything", limit=5).confidence == 0


def test_an_unsure_recall_is_silent_only_where_there_are_many_candidates(
    tmp_profile: Profile,
) -> None:
    unsure = RecallProfile(weighed=5, least_confidence=1.0)
    recall = Recall(tmp_profile.memories, HashEmbedder(), unsure)

    remembered(tmp_profile, *(f"the rent is due on day {day}" for day in range(4)), recall=recall)
    assert recall.find("when is the rent due", limit=2) != []

    remembered(tmp_profile, "the rent is due on Friday", recall=recall)
    assert recall.find("when is the rent due", limit=2) == []

    always = RecallProfile(weighed=5, least_confidence=0.0)
    assert (
        Recall(tmp_profile.memories, HashEmbedder(), always).find("when is the rent due", limit=2)
        != []
    )
