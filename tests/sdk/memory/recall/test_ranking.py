"""What speaks for a memory: who said it, when, what stood around it, what is asked for."""

from datetime import UTC, datetime, timedelta

import numpy as np
import pytest

from homeward.memory.recall.feature_weights import between_people, weights_for
from homeward.memory.recall.features import NAMES, Candidate, signals
from homeward.memory.recall.query import parse_query
from homeward.memory.recall.recency import newest_first
from homeward.ports import Vector
from homeward_store import Memory, MemoryId, Origin, SourceKind, Span

DAY = datetime(2026, 5, 3, tzinfo=UTC)


def candidate(
    number: int,
    text: str,
    *,
    words: float = 0.5,
    meaning: float = 0.5,
    after: int | None = None,
    said_at: datetime = DAY,
    vector: Vector | None = None,
) -> Candidate:
    behind = None if after is None else Span(SourceKind.NOTE, after, 0, 1)
    memory = Memory(
        id=MemoryId(number),
        text=text,
        source=Span(SourceKind.NOTE, number, 0, len(text)),
        context="…" if behind else "",
        context_source=behind,
        said_at=said_at,
        learned_at=said_at,
        valid_from=said_at,
        valid_until=None,
        superseded_by=None,
        origin=Origin.PERSON,
        tags=(),
    )
    return Candidate(memory, words, meaning, vector=vector)


def column(question: str, candidates: list[Candidate], name: str) -> list[float]:
    seen = signals(parse_query(question), candidates)
    return [float(value) for value in seen[:, NAMES.index(name)]]


def test_the_turns_before_and_after_lend_their_strength() -> None:
    three = [
        candidate(1, "Where is it?", words=0.9),
        candidate(2, "In Oslo.", words=0.1, after=1),
        candidate(3, "Far away.", words=0.4, after=2),
    ]

    assert column("Where?", three, "words before") == [0, 0.9, 0.1]
    assert column("Where?", three, "words after") == [0.1, 0.4, 0]


def test_what_was_told_before_is_counted_among_what_is_alike() -> None:
    here, there = np.eye(2, dtype=np.float32)
    later = DAY + timedelta(days=1)
    four = [
        candidate(1, "We met again in Oslo.", vector=here, said_at=later),
        candidate(2, "We met in Oslo.", vector=here),
        candidate(3, "I like tea.", vector=there, said_at=later),
        candidate(4, "No vector yet.", said_at=later),
    ]

    assert column("Where?", four, "told before") == pytest.approx([np.log(2) / 3, 0, 0, 0])
    assert column("What do you suggest?", four, "told before") == [0, 0, 0, 0]


def test_who_is_named_in_the_question_speaks_for_their_own_turns() -> None:
    two = [candidate(1, "Ada: I ski."), candidate(2, "Bo: I skate.")]

    assert column("What does Ada do?", two, "named speaker") == [1, 0]
    assert column("What does Ada do?", two, "other speaker") == [0, 1]
    assert column("What do Ada and Bo do?", two, "named speaker") == [0, 0]


@pytest.mark.parametrize(
    ("question", "days", "nearness"),
    [
        ("What happened on 3 May 2026?", 0, 1.0),
        ("What happened on May 3, 2026?", 2, 0.7),
        ("What happened on 3rd of May?", 9, 0.4),
        ("What happened on 3 May?", 30, 0),
        ("What happened in June?", 30, 0.7),
        ("What happened on June 31?", 30, 0),
        ("What may happen?", 0, 0),
    ],
)
def test_a_date_in_the_question_speaks_for_what_was_said_then(
    question: str, days: int, nearness: float
) -> None:
    one = candidate(1, "We went.", said_at=DAY + timedelta(days=days))

    assert column(question, [one], "date") == [nearness]


def test_who_wants_advice_is_helped_by_wishes_and_preferences() -> None:
    two = [
        candidate(1, "Always show units when I ask about physics."),
        candidate(2, "I prefer trains to planes."),
    ]

    assert column("Can you explain gravity?", two, "advice: asked for") == [1, 0]
    assert column("Can you explain gravity?", two, "advice: preference") == [0, 1]
    assert column("What is gravity?", two, "advice: preference") == [0, 0]


def test_a_preference_says_nothing_among_nothing_but_preferences() -> None:
    two = [candidate(1, "I prefer trains."), candidate(2, "I prefer tea.")]
    three = [*two, candidate(3, "The rent is due.")]

    assert column("Any tips?", two, "advice: preference") == [0, 0]
    assert column("Any tips?", three, "advice: preference")[0] == pytest.approx(0.369, abs=1e-3)


def test_what_was_said_on_one_occasion_shares_its_strength() -> None:
    later = DAY + timedelta(hours=3)
    three = [
        candidate(1, "A", words=1, meaning=0.5),
        candidate(2, "B", words=0, meaning=0),
        candidate(3, "C", words=0, meaning=0, said_at=later),
    ]

    assert column("Why?", three, "occasion") == [0.5, 0.5, 0]


def test_a_rare_word_covers_more_of_the_question_than_a_common_one() -> None:
    three = [
        candidate(1, "the quota of the key"),
        candidate(2, "the key of the door"),
        candidate(3, "a key"),
    ]

    rare, common, _ = column("quota key", three, "coverage")
    assert rare == pytest.approx(1)
    assert common < 0.5


def test_a_question_without_a_telling_word_is_weighed_too() -> None:
    assert column("What is it?", [candidate(1, "It is.")], "coverage") == [0]


def test_conversations_between_people_have_weights_of_their_own() -> None:
    people = [candidate(1, "Ada: I ski."), candidate(2, "Bo: I skate.")]
    own = [candidate(1, "I ski."), candidate(2, "Note: buy milk.")]

    assert between_people(people)
    assert not between_people(own)
    assert len(weights_for(own)) == len(weights_for(people)) == len(NAMES)


OLD = candidate(1, "My weekly quota is 1,000 calls.")
NEW = candidate(2, "The weekly quota is now 1,200 calls.", said_at=DAY + timedelta(days=30))
OTHER = candidate(3, "I ski on Sundays.", said_at=DAY + timedelta(days=60))


def order(question: str, ranked: list[Candidate]) -> list[int]:
    return [one.memory.id for one in newest_first(parse_query(question), ranked)]


def test_of_two_values_of_one_thing_the_newer_comes_first() -> None:
    assert order("What is my weekly quota?", [OLD, OTHER, NEW]) == [2, 3, 1]


@pytest.mark.parametrize(
    "question", ["What was my weekly quota before?", "What is it that I used to call?", "Tell me."]
)
def test_the_past_keeps_its_order(question: str) -> None:
    assert order(question, [OLD, OTHER, NEW]) == [1, 3, 2]


def test_what_is_not_alike_keeps_its_order() -> None:
    skiing = candidate(4, "There are 9 lifts.", said_at=DAY + timedelta(days=90))

    assert order("What is my weekly quota?", [OLD, skiing]) == [1, 4]
