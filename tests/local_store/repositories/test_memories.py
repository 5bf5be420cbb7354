"""Memories are found by their words and by their vectors, exactly, and within a scope."""

from datetime import timedelta

import numpy as np
import pytest
from hypothesis import given, strategies as st

from homeward_store import (
    Hit,
    InvalidText,
    Memory,
    MemoryDraft,
    MemoryId,
    NotFound,
    Origin,
    Profile,
    Scope,
    Selection,
    SourceKind,
    Space,
    SpaceMismatch,
    Span,
    Vector,
)
from homeward_store.repositories import vectors
from homeward_store.repositories.vectors import Matrix
from homeward_store.testing import StoppedClock
from homeward_store.words.forms import index_forms, query_terms

SPACE = Space("ab" * 32, 16)


def unit(seed: int, dims: int = 16) -> Vector:
    vector = np.random.default_rng(seed).normal(size=dims).astype(np.float32)
    length: Vector = vector / np.linalg.norm(vector)
    return length


def remember(profile: Profile, *texts: str, **fields: object) -> list[Memory]:
    """One memory a text, all from one note, each with a vector of its own."""
    note = profile.notes.add(" ".join(texts))
    source = Span(SourceKind.NOTE, note.id, 0, 1)
    base = profile.memories.count()
    drafts = [
        MemoryDraft(
            text=text,
            source=source,
            said_at=note.noted_at,
            vector=unit(base + place),
            space=SPACE,
            **fields,  # type: ignore[arg-type]
        )
        for place, text in enumerate(texts)
    ]
    return profile.memories.add(drafts)


def ids(hits: list[Hit]) -> list[int]:
    return [hit.memory for hit in hits]


def test_a_memory_keeps_everything_it_was_given(profile: Profile, clock: StoppedClock) -> None:
    turn = profile.turns.begin("c", "hello", model="m")
    later = clock() + timedelta(days=1)
    draft = MemoryDraft(
        text="text",
        source=Span(SourceKind.TURN, turn.id, 0, 5),
        said_at=clock(),
        context="before",
        context_source=Span(SourceKind.TURN, turn.id, 1, 2),
        tags=("b", "a"),
        origin=Origin.TOOL,
        valid_from=later,
        valid_until=later + timedelta(days=1),
    )
    [memory] = profile.memories.add([draft])
    for name in ("text", "source", "context", "context_source", "said_at", "origin", "valid_from"):
        assert getattr(memory, name) == getattr(draft, name)
    assert memory.tags == ("a", "b")
    assert memory.valid_until == later + timedelta(days=1)
    assert memory.learned_at == clock()
    assert memory.superseded_by is None


def test_memories_are_added_all_or_none(profile: Profile) -> None:
    note = profile.notes.add("n")
    good = MemoryDraft("good", Span(SourceKind.NOTE, note.id, 0, 1), note.noted_at)
    lost = MemoryDraft("lost", Span(SourceKind.NOTE, 99, 0, 1), note.noted_at)
    wrong = MemoryDraft("wrong", Span(SourceKind.ATTRIBUTE, 1, 0, 1), note.noted_at)
    nul = MemoryDraft("\0", good.source, note.noted_at)
    for bad, error in ((lost, NotFound), (wrong, NotFound), (nul, InvalidText)):
        with pytest.raises(error):
            profile.memories.add([good, bad])
    assert profile.memories.count() == 0
    assert profile.memories.match("good", limit=5) == []


def test_memories_are_read_by_id_by_source_and_all(profile: Profile) -> None:
    made = remember(profile, *(f"text {number}" for number in range(1001)))
    assert list(profile.memories.all()) == made
    assert profile.memories.get([made[5].id, MemoryId(9999), made[2].id]) == [made[5], made[2]]
    assert len(profile.memories.get([one.id for one in made])) == 1001
    assert profile.memories.of(SourceKind.NOTE, made[0].source.id) == made
    assert profile.memories.of(SourceKind.TURN, made[0].source.id) == []


def test_words_are_found_in_other_forms_and_without_accents(profile: Profile) -> None:
    run, cafe = remember(profile, "the cats were running", "a Café in Zürich")
    assert ids(profile.memories.match("Does a cat run?", limit=5)) == [run.id]
    assert ids(profile.memories.match("cafe zurich", limit=5)) == [cafe.id]
    assert profile.memories.match("dog", limit=5) == []


@pytest.mark.parametrize(
    "query",
    ['"', "'", "* OR NEAR(", "text:cats", "cats AND (", "-cats", "^cats*", "a\0b", "{x} : y"],
)
def test_nothing_that_is_typed_is_an_operator(profile: Profile, query: str) -> None:
    remember(profile, "cats")
    assert len(profile.memories.match(query, limit=5)) <= 1


@given(st.text(max_size=50))
def test_any_query_is_a_query(text: str) -> None:
    assert all(query_terms(text))
    assert len(query_terms("word " * 5 + " ".join(map(str, range(200))))) == 64


@pytest.mark.parametrize(
    ("told", "asked"),
    [
        ("我对花生过敏。", "我对什么过敏?"),
        ("我有一只猫。", "猫"),
        ("私はピーナッツアレルギーです。", "何のアレルギーがありますか?"),
        ("ฉันแพ้ถั่วลิสง", "แพ้ถั่วไหม"),
        ("나는 땅콩에 알레르기가 있어요.", "땅콩"),
        ("मुझे मूंगफली से एलर्जी है।", "मूंगफली"),
        ("Wir haben zwei Hunde.", "Wie heißt mein Hund?"),
        ("Tengo dos perros en casa.", "perro"),
        ("Я работаю в больницах.", "В какой больнице я работаю?"),  # noqa: RUF001
        ("Mieszkam w Krakowie od roku.", "Kraków"),
        ("Ben İzmir'de yaşıyorum.", "izmir"),  # noqa: RUF001
        ("Meine Chefin heißt Müller.", "Frau Mueller"),
        ("My ｐｈｏｎｅ is broken.", "phone"),  # noqa: RUF001
        ("I wrote a ﬁne letter.", "fine"),
        ("我的iPhone坏了。", "iPhone"),
    ],
)
def test_words_are_found_in_every_script(profile: Profile, told: str, asked: str) -> None:
    other, one = remember(profile, "The weather is lovely.", told)
    assert ids(profile.memories.match(asked, limit=5)) == [one.id]
    profile.memories.drop(one.id)
    assert profile.memories.match(asked, limit=5) == []
    profile.check()
    assert ids(profile.memories.match("weather", limit=5)) == [other.id]


def test_what_stands_beside_english_words_in_the_index_is_nothing() -> None:
    assert index_forms("My sister lives in Porto and teaches chemistry.") == ""


def test_a_query_of_function_words_alone_still_looks_for_them(profile: Profile) -> None:
    [who] = remember(profile, "The Who")
    assert ids(profile.memories.match("who are they", limit=5)) == [who.id]
    assert profile.memories.match("?!", limit=5) == []


def test_words_in_the_context_count_for_less(profile: Profile) -> None:
    note = profile.notes.add("n")
    span = Span(SourceKind.NOTE, note.id, 0, 1)
    behind = MemoryDraft("yes", span, note.noted_at, context="tea", context_source=span)
    said = MemoryDraft("tea", span, note.noted_at)
    in_context, in_text = profile.memories.add([behind, said])
    assert ids(profile.memories.match("tea", limit=5)) == [in_text.id, in_context.id]
    heavy = profile.memories.match("tea", limit=5, context_weight=50)
    assert ids(heavy) == [in_context.id, in_text.id]
    none = profile.memories.match("tea", limit=5, context_weight=0)
    assert none[0] == Hit(in_text.id, none[0].score)


def test_the_nearest_are_exact_and_scored_by_inner_product(profile: Profile) -> None:
    made = remember(profile, *(f"m{number}" for number in range(300)))
    query = unit(7)
    hits = profile.memories.nearest(query, space=SPACE, limit=10)
    products = np.array([unit(number) @ query for number in range(300)])
    assert ids(hits) == [made[number].id for number in np.argsort(-products)[:10]]
    assert hits[0].score == pytest.approx(1.0, abs=1e-6)
    assert [hit.score for hit in hits] == pytest.approx(sorted(products)[::-1][:10], abs=1e-6)


def test_what_is_added_later_is_found_and_what_is_undone_is_not(profile: Profile) -> None:
    remember(profile, "a")
    assert len(profile.memories.nearest(unit(1), space=SPACE, limit=5)) == 1
    [later] = remember(profile, "b")
    assert ids(profile.memories.nearest(unit(1), space=SPACE, limit=1)) == [later.id]
    assert profile._embeddings.nbytes > 0
    with pytest.raises(KeyError), profile.transaction():
        remember(profile, "c")
        assert len(profile.memories.nearest(unit(1), space=SPACE, limit=5)) == 3
        raise KeyError
    assert len(profile.memories.nearest(unit(1), space=SPACE, limit=5)) == 2


def test_forgotten_memories_are_no_longer_near(profile: Profile) -> None:
    first = remember(profile, "a", "b", "c")
    rest = remember(profile, *"defghijklmnop")
    assert len(profile.memories.nearest(unit(0), space=SPACE, limit=50)) == 16
    profile.forget(Selection(memories=(first[0].id,)))
    found = ids(profile.memories.nearest(unit(0), space=SPACE, limit=50))
    assert sorted(found) == [one.id for one in rest]


def test_a_new_encoder_gets_its_own_space(profile: Profile) -> None:
    made = remember(profile, "a", "b")
    other = Space("cd" * 32, 4)
    assert profile.memories.nearest(unit(0, 4), space=other, limit=5) == []
    assert profile.memories.without_vector(other) == [one.id for one in made]
    profile.memories.embed([(made[1].id, unit(1, 4))], space=other)
    assert profile.memories.without_vector(other, limit=5) == [made[0].id]
    assert profile.memories.spaces() == [SPACE, other]
    assert ids(profile.memories.nearest(unit(0, 4), space=other, limit=5)) == [made[1].id]


def test_the_newest_vectors_are_read_as_they_were_given(profile: Profile) -> None:
    made = remember(profile, "a", "b", "c")
    for number, one in enumerate(made):
        profile.memories.embed([(one.id, unit(number))], space=SPACE)

    found, vectors = profile.memories.vectors(SPACE, newest=2)

    assert found == [made[1].id, made[2].id]
    np.testing.assert_array_equal(vectors, np.stack([unit(1), unit(2)]))


def test_the_vectors_of_some_memories_are_read_by_id(profile: Profile) -> None:
    a, b, c = remember(profile, "a", "b", "c")
    other = Space("cd" * 32, 16)
    profile.memories.embed([(a.id, unit(0)), (c.id, unit(2))], space=other)

    found, vectors = profile.memories.vectors_of([c.id, b.id, a.id], space=other)

    assert found == [a.id, c.id]
    np.testing.assert_array_equal(vectors, np.stack([unit(0), unit(2)]))
    assert profile.memories.vectors_of([a.id], space=Space("ef" * 32, 4))[1].shape == (0, 4)


def test_embedding_again_replaces_the_vector(profile: Profile) -> None:
    [one] = remember(profile, "a")
    profile.memories.nearest(unit(0), space=SPACE, limit=1)
    profile.memories.embed([(one.id, unit(5))], space=SPACE)
    [hit] = profile.memories.nearest(unit(5), space=SPACE, limit=5)
    assert hit.score == pytest.approx(1.0, abs=1e-6)
    with pytest.raises(NotFound):
        profile.memories.embed([(MemoryId(99), unit(5))], space=SPACE)


def test_a_vector_that_does_not_fit_is_refused(profile: Profile) -> None:
    for wrong in (unit(0, 15), np.full(16, np.nan, np.float32), np.zeros((1, 16), np.float32)):
        with pytest.raises(SpaceMismatch):
            profile.memories.nearest(wrong, space=SPACE, limit=1)


def test_a_vector_of_zeros_is_kept(profile: Profile) -> None:
    [one] = remember(profile, "a")
    profile.memories.embed([(one.id, np.zeros(16, np.float32))], space=SPACE)
    assert profile.memories.nearest(unit(0), space=SPACE, limit=1)[0].score == 0
    assert profile.memories.nearest(unit(0), space=SPACE, limit=0) == []


def test_a_scope_limits_searches_and_reading(profile: Profile, clock: StoppedClock) -> None:
    first = remember(profile, "tea one", tags=("work", "x"))[0]
    clock.move(days=1)
    second = remember(profile, "tea two", tags=("home",))[0]
    turn = profile.turns.begin("kitchen", "tea three", model="m")
    span = Span(SourceKind.TURN, turn.id, 0, 9)
    draft = MemoryDraft("tea three", span, clock(), vector=unit(9), space=SPACE, origin=Origin.TOOL)
    third = profile.memories.add([draft])[0]
    profile.memories.supersede(second.id, by=third.id)
    clock.move(days=1)
    for scope, expected in (
        (Scope(tagged=("work", "nothing")), {first.id}),
        (Scope(untagged=("work",)), {second.id, third.id}),
        (Scope(tagged=("home",), untagged=("home",)), set()),
        (Scope(since=second.said_at), {second.id, third.id}),
        (Scope(until=second.said_at), {first.id}),
        (Scope(current=True), {first.id, third.id}),
        (Scope(conversation="kitchen"), {third.id}),
        (Scope(origins=(Origin.TOOL, Origin.DOCUMENT)), {third.id}),
        (Scope(), {first.id, second.id, third.id}),
        (None, {first.id, second.id, third.id}),
    ):
        matched = profile.memories.match("tea", limit=9, scope=scope)
        near = profile.memories.nearest(unit(9), space=SPACE, limit=9, scope=scope)
        assert set(ids(matched)) == set(ids(near)) == expected, scope
        read = profile.memories.get([third.id, second.id, first.id], scope=scope)
        assert {one.id for one in read} == expected, scope


def test_a_superseded_memory_names_its_successor(profile: Profile) -> None:
    old, new = remember(profile, "old", "new")
    profile.memories.supersede(old.id, by=new.id, at=old.said_at + timedelta(hours=1))
    [old] = profile.memories.get([old.id])
    assert (old.superseded_by, old.valid_until) == (new.id, old.said_at + timedelta(hours=1))
    with pytest.raises(NotFound):
        profile.memories.supersede(MemoryId(99), by=new.id)
    with pytest.raises(NotFound):
        profile.memories.supersede(old.id, by=MemoryId(99))


@given(st.integers(0, 2**32 - 1))
def test_codes_are_within_half_a_step_of_the_vector(seed: int) -> None:
    vector = unit(seed)
    scale, codes = vectors.quantize(vector)
    back = np.frombuffer(codes, np.int8) * scale
    assert np.abs(back - vector).max() <= scale / 2 * 1.001


@pytest.mark.parametrize("limit", [1, 3, 4, 50])
def test_a_large_matrix_finds_what_sorting_finds(limit: int) -> None:
    rng = np.random.default_rng(2)
    codes = rng.integers(-127, 128, size=(5000, 4)).astype(np.int8)
    matrix = Matrix(4, capacity=10)
    matrix.extend(np.arange(1, 5001), np.ones(5000, np.float32), codes)
    query = rng.normal(size=4).astype(np.float32)
    products = np.sort(codes.astype(np.float32) @ query)[::-1]
    assert matrix.nearest(query, limit=limit)[1] == pytest.approx(products[:limit])
    matrix.discard(np.arange(1, 900))
    left = np.sort(codes[899:].astype(np.float32) @ query)[::-1]
    assert matrix.nearest(query, limit=limit)[1] == pytest.approx(left[:limit])


@given(st.lists(st.tuples(st.booleans(), st.integers(1, 40)), max_size=30), st.integers(1, 12))
def test_a_matrix_finds_what_a_plain_search_finds(
    steps: list[tuple[bool, int]], limit: int
) -> None:
    matrix, present, rng = Matrix(4), dict[int, np.ndarray](), np.random.default_rng(1)
    for grows, number in steps:
        if grows:
            new = np.arange(len(present) + 1000, len(present) + 1000 + number)
            new = new[~np.isin(new, list(present))]
            codes = rng.integers(-127, 128, size=(len(new), 4)).astype(np.int8)
            matrix.extend(new, np.ones(len(new), np.float32), codes)
            present.update(zip(new.tolist(), codes, strict=True))
        else:
            gone = rng.choice([*present, 1], size=min(number, len(present) + 1))
            matrix.discard(gone)
            present = {one: row for one, row in present.items() if one not in gone}
    assert len(matrix) == len(present)
    query = np.array([1, 2, 3, 4], np.float32)
    found, scores = matrix.nearest(query, limit=limit)
    expected = sorted((float(row @ query) for row in present.values()), reverse=True)[:limit]
    assert scores.tolist() == expected
    assert all(
        float(present[one] @ query) == score for one, score in zip(found, scores, strict=True)
    )
    few = np.array(list(present)[:3], np.int64)
    assert set(matrix.nearest(query, limit=99, among=few)[0]) == set(few)
    assert matrix.nbytes >= 0


@pytest.mark.parametrize("dims", [100, 384])
def test_beyond_what_is_compared_whole_signs_find_the_true_ten(dims: int) -> None:
    rng = np.random.default_rng(3)
    count, queries = 20_000, 20
    centres = rng.normal(size=(200, dims))
    rows = centres[rng.integers(200, size=count)] + rng.normal(size=(count, dims))
    asked = centres[:queries] + rng.normal(size=(queries, dims))
    codes = np.rint(rows * 127 / np.abs(rows).max()).astype(np.int8)
    matrix = Matrix(dims)
    matrix.extend(np.arange(1, count + 1), np.ones(count, np.float32), codes)
    gone = np.arange(1, count + 1, 7)
    matrix.discard(gone)
    products = asked.astype(np.float32) @ codes.astype(np.float32).T
    products[:, gone - 1] = -np.inf
    hits = 0
    for query, exact in zip(asked.astype(np.float32), products, strict=True):
        found, scores = matrix.nearest(query, limit=10)
        assert not np.isin(found, gone).any()
        assert scores == pytest.approx(exact[found - 1], rel=1e-5)
        hits += len(set(found) & set((np.argsort(-exact)[:10] + 1).tolist()))
    assert hits >= 0.99 * 10 * queries


def test_vectors_whose_signs_say_nothing_are_all_compared() -> None:
    rng = np.random.default_rng(4)
    codes = rng.integers(1, 128, size=(20_000, 16)).astype(np.int8)
    matrix = Matrix(16)
    matrix.extend(np.arange(1, 20_001), np.ones(20_000, np.float32), codes)
    query = rng.random(16).astype(np.float32)

    exact = np.sort(codes.astype(np.float32) @ query)[::-1][:10]
    assert matrix.nearest(query, limit=10)[1] == pytest.approx(exact)
