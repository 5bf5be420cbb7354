"""A saved state opens only where it belongs, and only if not a bit has changed."""

import hashlib
import struct

import pytest
from hypothesis import given, strategies as st

from homeward.engines.cells import Cell
from homeward.engines.state import Binding, pack_state, unpack_state
from homeward.errors import StateMismatch

HERE = Binding(model_sha256="ab" * 32, layout="engine 1")
runs = st.lists(
    st.lists(st.integers(0, 2**31 - 1), min_size=1, max_size=5)
    | st.tuples(st.sampled_from(["11" * 32, "22" * 32]), st.integers(1, 4)).map(
        lambda soft: [(soft[0], row) for row in range(soft[1])]
    ),
    max_size=6,
)


@given(runs, st.binary(max_size=50))
def test_what_was_packed_comes_out_again(run_list: list[list[Cell]], kv: bytes) -> None:
    cells = [cell for run in run_list for cell in run]
    assert unpack_state(pack_state(cells, kv, binding=HERE), binding=HERE) == (cells, kv)


STATE = pack_state([1, 2, ("11" * 32, 0), ("11" * 32, 1), 3], b"keys and values", binding=HERE)


@pytest.mark.parametrize("at", range(len(STATE)))
def test_no_changed_byte_goes_unnoticed(at: int) -> None:
    damaged = bytearray(STATE)
    damaged[at] ^= 1
    with pytest.raises(StateMismatch):
        unpack_state(bytes(damaged), binding=HERE)


@pytest.mark.parametrize("length", range(len(STATE)))
def test_no_shortened_state_is_taken(length: int) -> None:
    with pytest.raises(StateMismatch):
        unpack_state(STATE[:length], binding=HERE)


def test_bytes_after_the_end_are_noticed() -> None:
    with pytest.raises(StateMismatch, match="checksum"):
        unpack_state(STATE + b"\0", binding=HERE)


@pytest.mark.parametrize(
    "elsewhere",
    [
        Binding(model_sha256="cd" * 32, layout="engine 1"),
        Binding(model_sha256="ab" * 32, layout="engine 2"),
    ],
)
def test_another_model_or_engine_refuses_it(elsewhere: Binding) -> None:
    with pytest.raises(StateMismatch, match="saved by"):
        unpack_state(STATE, binding=elsewhere)


def test_counts_that_point_past_the_end_are_refused_even_with_a_right_checksum() -> None:
    body = STATE[37:101] + struct.pack("<IcI", 1, b"t", 2**32 - 1) + b"\1\2\3"
    forged = STATE[:5] + hashlib.sha256(body).digest() + body
    with pytest.raises(StateMismatch):
        unpack_state(forged, binding=HERE)
