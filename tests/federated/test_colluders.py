"""
Fewer than a third of the devices and the operator open nothing but the sum of the honest survivors.

Every behaviour that docs/federation/proof.md argues about is tried for up to eight devices, over
the real key agreement and derivation. The derivation of 2026-11-28 and before is kept here as a
model: it must fail the same search, or the search could not find anything.
"""

from collections import Counter
from functools import cache

import numpy as np
import pytest
from tests.federated.coalition import (
    IDENTITIES,
    KEYS,
    NOBODY,
    ROSTERS,
    Play,
    agreed_twice,
    derive,
    drops_and_copies,
    leak,
    openable,
    row,
    secret,
    split_views,
    withheld_parcels,
)
from tests.federated.test_attacks_on_keys import old_pair_key

from homeward_federated.secure_aggregation.masking import expand, pair_masks
from homeward_federated.secure_aggregation.quorums import quorum

SIZES = range(4, 9)


@cache
def old(pair_secret: bytes, roster: bytes, pair: tuple[bytes, bytes]) -> bytes:
    return old_pair_key(pair_secret, roster_hash=roster)


def test_the_model_of_a_vector_is_what_a_device_adds() -> None:
    play = Play(5, (), ((), ()), frozenset(range(5)))
    for device in range(5):
        peers = [(IDENTITIES[i], KEYS[i].public) for i in range(5) if i != device]
        masks = pair_masks(KEYS[device], IDENTITIES[device], peers, roster_hash=ROSTERS[0], size=16)
        modelled = np.zeros(16, np.uint32)
        for mask, sign in row(play, device, derive).items():
            modelled += np.uint32(sign % 2**32) * expand(mask, size=16)
        assert np.array_equal(masks, modelled)


@pytest.mark.parametrize("size", SIZES)
def test_whoever_drops_and_whatever_keys_are_copied_only_the_honest_sum_opens(size: int) -> None:
    tried: Counter[bool] = Counter()
    for play in drops_and_copies(size):
        assert leak(play, derive) is None, play
        honest = set(play.honest) & play.alive
        assert len(honest) >= quorum(size=size, min_survivors=1) - len(play.colluders)
        tried[play.is_agreed] += 1
    assert tried[True] > 50
    # Were the whole cohort honest in its keys and all of it alive, the sum does open.
    full = Play(size, (0,), ((0,), (0,)), frozenset(range(size)))
    rows = {device: row(full, device, derive) for device in full.opened_seeds}
    assert openable(rows) == [dict.fromkeys(full.honest, 1)]


@pytest.mark.parametrize(("size", "fewest"), [(4, 2), (5, 2), (6, 3), (7, 2), (8, 2)])
def test_the_derivation_before_opened_the_sum_of_two_or_three_devices(
    size: int, fewest: int
) -> None:
    found = (leak(play, old) for play in drops_and_copies(size))
    assert any(one is not None and len(one) == fewest for one in found)


@pytest.mark.parametrize("size", SIZES)
def test_two_rosters_at_once_open_no_more(size: int) -> None:
    agreed = 0
    for play in split_views(size):
        assert leak(play, derive) is None, play
        agreed += play.is_agreed
    assert agreed > 100


@pytest.mark.parametrize("size", [4, 5])
def test_parcels_that_are_withheld_open_no_more(size: int) -> None:
    for play in withheld_parcels(size):
        assert leak(play, derive) is None, play


def test_no_two_sets_of_survivors_are_agreed_while_fewer_than_a_third_collude() -> None:
    for size in range(1, 9):
        assert not any(agreed_twice(size, bad) for bad in range((size - 1) // 3 + 1))
    # The bound can fail: three of seven sign two sets with two honest devices each.
    assert agreed_twice(7, 3)


def test_a_key_that_nobody_holds_hides_more_not_less() -> None:
    play = Play(4, (0,), ((NOBODY,), (NOBODY,)), frozenset(range(4)))
    assert openable({i: row(play, i, derive) for i in play.opened_seeds}) == []
    assert secret(1, NOBODY) != secret(2, NOBODY)
