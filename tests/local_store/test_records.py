"""Records are checked where they are made; time and text come back exactly as they were given."""

from datetime import UTC, datetime, timedelta, timezone

import numpy as np
import pytest
from hypothesis import given, strategies as st

from homeward_store import InvalidText, MemoryDraft, Scope, SourceKind, Space, Span, records

SPAN = Span(SourceKind.NOTE, 1, 0, 4)
NOW = datetime(2026, 1, 1, tzinfo=UTC)


@given(st.datetimes(timezones=st.just(UTC)))
def test_times_survive_to_the_microsecond(moment: datetime) -> None:
    assert records.from_micros(records.to_micros(moment)) == moment


def test_a_time_in_another_zone_is_the_same_moment() -> None:
    there = NOW.astimezone(timezone(timedelta(hours=5, minutes=30)))
    assert records.from_micros(records.to_micros(there)) == NOW


def test_a_time_without_a_zone_is_refused() -> None:
    with pytest.raises(ValueError, match="time zone"):
        records.to_micros(datetime(2026, 1, 1))


@given(st.text(st.characters(exclude_categories=["Cs"], exclude_characters="\0")))
def test_any_other_text_is_taken_as_it_is(text: str) -> None:
    assert records.checked(text) is text


@pytest.mark.parametrize("text", ["a\0b", "\ud800", "ok \udfff"])
def test_nul_and_lone_surrogates_are_refused_without_being_repeated(text: str) -> None:
    with pytest.raises(InvalidText, match=r"(NUL|surrogate) at character \d"):
        records.checked(text)


@pytest.mark.parametrize(("start", "end"), [(-1, 0), (3, 2)])
def test_a_span_runs_forward(start: int, end: int) -> None:
    with pytest.raises(ValueError, match="cannot run"):
        Span(SourceKind.TURN, 1, start, end)


@pytest.mark.parametrize(
    ("sha256", "dims"), [("0" * 63, 3), ("G" * 64, 3), ("0" * 64, 0), ("0" * 64, 8193)]
)
def test_a_space_is_named_by_a_hash_and_a_length(sha256: str, dims: int) -> None:
    with pytest.raises(ValueError, match=r"encoder_sha256|dimensions"):
        Space(sha256, dims)


def test_what_belongs_together_is_given_together() -> None:
    with pytest.raises(ValueError, match="context"):
        MemoryDraft("t", SPAN, NOW, context="before")
    with pytest.raises(ValueError, match="vector"):
        MemoryDraft("t", SPAN, NOW, vector=np.zeros(3, np.float32))


def test_tags_are_sorted_and_unique_and_never_empty() -> None:
    assert records.checked_tags(("b", "a", "b")) == ("a", "b")
    with pytest.raises(ValueError, match="empty"):
        records.checked_tags(("a", ""))


def test_a_scope_without_limits_is_everything() -> None:
    assert Scope().is_everything
    assert not Scope(current=True).is_everything
