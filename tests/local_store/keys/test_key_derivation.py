"""Keys are stretched, derived and wrapped as the standards say, and never opened by another."""

import pytest

from homeward_store import FASTEST, RFC_9106_LOW_MEMORY, Argon2Cost, WrongSecret
from homeward_store.keys.key_derivation import calibrated, subkey
from homeward_store.keys.key_wrapping import NONCE_BYTES, WRAPPED_KEY_BYTES, unwrap, wrap
from homeward_store.secret import Secret


def secret(data: bytes) -> Secret:
    return Secret(bytearray(data))


def test_a_wrapped_key_opens_with_its_key_and_context() -> None:
    outer, inner = Secret.random(), Secret.random()
    wrapped = wrap(outer, inner, context=b"here")
    assert unwrap(outer, wrapped, context=b"here").expose() == inner.expose()
    assert len(wrapped) == WRAPPED_KEY_BYTES


def test_a_wrapped_key_moved_changed_or_cut_does_not_open() -> None:
    outer, inner = Secret.random(), Secret.random()
    wrapped = wrap(outer, inner, context=b"here")
    flipped = bytes([wrapped[0] ^ 1]) + wrapped[1:]
    for key, data, context in (
        (outer, wrapped, b"there"),
        (Secret.random(), wrapped, b"here"),
        (outer, flipped, b"here"),
        (outer, wrapped[:-1], b"here"),
        (outer, wrapped[:5], b"here"),
        (outer, b"", b"here"),
    ):
        with pytest.raises(WrongSecret):
            unwrap(key, data, context=context)


def test_no_wrapping_repeats_a_nonce() -> None:
    outer, inner = Secret.random(), Secret.random()
    nonces = {wrap(outer, inner, context=b"")[:NONCE_BYTES] for _ in range(100)}
    assert len(nonces) == 100


def test_labels_give_independent_keys() -> None:
    parent = Secret.random()
    assert subkey(parent, "a").expose() != subkey(parent, "b").expose()
    assert subkey(parent, "a").expose() == subkey(parent, "a").expose()


@pytest.mark.parametrize(
    ("memory_kib", "passes", "lanes"),
    [
        (8 * 1024 - 1, 1, 1),
        (1024 * 1024 + 1, 1, 1),
        (8 * 1024, 0, 1),
        (8 * 1024, 17, 1),
        (8 * 1024, 1, 0),
        (8 * 1024, 1, 17),
        (8 * 1024, True, 1),
    ],
)
def test_a_cost_out_of_bounds_is_refused(memory_kib: int, passes: int, lanes: int) -> None:
    with pytest.raises(ValueError, match="must lie in"):
        Argon2Cost(memory_kib, passes, lanes)


def test_memory_times_passes_is_bounded_too() -> None:
    with pytest.raises(ValueError, match="too dear"):
        Argon2Cost(1024 * 1024, 16, 1)


def test_calibration_starts_at_the_recommended_cost_and_grows_with_the_time_allowed() -> None:
    assert calibrated(seconds=0) == RFC_9106_LOW_MEMORY
    dearest = calibrated(seconds=1e9, start=FASTEST, ceiling_kib=64 * 1024)
    assert dearest == Argon2Cost(64 * 1024, FASTEST.passes, FASTEST.lanes)
