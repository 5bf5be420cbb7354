"""Streamed text: whole characters, nothing of a stop string, nothing lost or held too long."""

import pytest
from hypothesis import given, strategies as st

from homeward.engines.stream import TextStream

texts = st.text(alphabet="abc é🙂\n", max_size=20)
stops = st.lists(st.text(alphabet="abc🙂", min_size=1, max_size=4), max_size=3)


def shown(pieces: list[bytes], stop: list[str]) -> tuple[list[str], bool]:
    stream = TextStream(stop)
    parts = [stream.push(piece) for piece in pieces]
    return [*parts, stream.finish()], bool(stream.found)


@given(texts, stops, st.data())
def test_any_cut_into_bytes_shows_the_text_up_to_the_first_stop(
    text: str, stop: list[str], data: st.DataObject
) -> None:
    raw = text.encode()
    cuts = sorted(data.draw(st.lists(st.integers(0, len(raw)), max_size=10)))
    pieces = [raw[a:b] for a, b in zip([0, *cuts], [*cuts, len(raw)], strict=True)]
    parts, stopped = shown(pieces, stop)
    found = [text.find(end) for end in stop if end in text]
    assert stopped is bool(found)
    assert text.startswith("".join(parts))
    assert not any(end in "".join(parts) for end in stop)
    if not found:
        assert "".join(parts) == text


@given(texts, stops)
def test_fed_byte_by_byte_it_ends_before_the_earliest_stop(text: str, stop: list[str]) -> None:
    parts, stopped = shown([bytes([byte]) for byte in text.encode()], stop)
    # Byte by byte the stop string that is complete first wins, so it is the one to measure with.
    ends = [text.find(end) + len(end) for end in stop if end in text]
    if stopped:
        first = min(ends)
        assert text[:first].startswith("".join(parts))
        assert any(text[:first] == "".join(parts) + end for end in stop)


def test_an_emoji_over_four_pieces_comes_out_once_and_whole() -> None:
    assert shown([bytes([byte]) for byte in "🙂!".encode()], [])[0] == ["", "", "", "🙂", "!", ""]


def test_half_an_emoji_at_the_end_is_not_shown() -> None:
    assert shown([b"ok", "🙂".encode()[:2]], [])[0] == ["ok", "", ""]


def test_only_a_possible_beginning_of_a_stop_string_is_held_back() -> None:
    stream = TextStream(["</end>"])
    assert stream.push(b"one <") == "one "
    assert stream.push(b"b> two </") == "<b> two "
    assert stream.push(b"end>three") == ""
    assert stream.found
    assert stream.push(b"four") == stream.finish() == ""


def test_a_stop_string_that_never_came_is_shown_at_the_end() -> None:
    stream = TextStream(["</end>"])
    assert stream.push(b"a </en") == "a "
    assert stream.finish() == "</en"


def test_malformed_bytes_between_characters_become_one_replacement() -> None:
    assert "".join(shown([b"a\xff", b"b"], [])[0]) == "a\ufffdb"


def test_an_empty_stop_string_is_refused() -> None:
    with pytest.raises(ValueError, match="stop"):
        TextStream(["x", ""])
