"""Recall: two rankings become one, and what is not similar is not quoted."""

from homeward.recall import Recall, RecallProfile, fuse
from homeward.testing import HashEmbedder
from homeward_store import Hit, MemoryDraft, MemoryId, Profile, SourceKind, Span

ONE, TWO, THREE = MemoryId(1), MemoryId(2), MemoryId(3)


def test_what_both_rankings_find_comes_first() -> None:
    words = [Hit(ONE, 8.0), Hit(TWO, 6.0)]
    near = [Hit(TWO, 0.5), Hit(THREE, 0.4)]

    fused = fuse(words, near, meaning_weight=2)

    assert [(hit.memory, round(hit.score, 6)) for hit in fused] == [
        (TWO, 0.75 + 1.0),
        (ONE, 1.0),
        (THREE, 0.8),
    ]


def test_ties_go_to_the_newer_memory() -> None:
    fused = fuse([Hit(ONE, 5.0), Hit(TWO, 5.0)], [], meaning_weight=1)

    assert [hit.memory for hit in fused] == [TWO, ONE]


def test_nothing_found_is_an_empty_ranking() -> None:
    assert fuse([], [], meaning_weight=1) == []


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

    assert [found.memory.id for found in recall.find("when is the rent due")] == [rent]


def test_an_excluded_memory_is_not_found(tmp_profile: Profile) -> None:
    recall = Recall(tmp_profile.memories, HashEmbedder())
    [rent] = remembered(tmp_profile, "the rent is due on the fifth", recall=recall)

    assert recall.find("when is the rent due", exclude={rent}) == []


def test_no_more_than_the_profile_allows_are_found(tmp_profile: Profile) -> None:
    recall = Recall(tmp_profile.memories, HashEmbedder(), RecallProfile(max_memories=3))
    remembered(tmp_profile, *(f"the rent is due on day {day}" for day in range(9)), recall=recall)

    assert len(recall.find("when is the rent due")) == 3
    assert len(recall.rank("when is the rent due", limit=100)) == 9


def test_an_empty_profile_recalls_nothing(tmp_profile: Profile) -> None:
    recall = Recall(tmp_profile.memories, HashEmbedder())

    assert recall.find("anything") == []
