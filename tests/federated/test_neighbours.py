"""Every device has enough neighbours that few colluders cannot gather around it."""

import math

import pytest

from homeward_federated.neighbours import COMPLETE_UP_TO, DEGREE, degree, neighbours, two_thirds


@pytest.mark.parametrize("cohort", [2, 10, COMPLETE_UP_TO])
def test_a_small_cohort_uses_every_pair(cohort: int) -> None:
    near = neighbours(cohort, seed=bytes(32))
    assert all(sorted([i, *row]) == list(range(cohort)) for i, row in enumerate(near))


@pytest.mark.parametrize("cohort", [COMPLETE_UP_TO + 1, 500, 1001])
def test_a_large_cohort_is_a_regular_graph_that_the_roster_draws(cohort: int) -> None:
    near = neighbours(cohort, seed=b"a" * 32)
    assert {len(set(row)) for row in near} == {DEGREE} == {degree(cohort)}
    assert all(i in near[j] and j != i for i, row in enumerate(near) for j in row)
    assert near != neighbours(cohort, seed=b"b" * 32)
    assert near == neighbours(cohort, seed=b"a" * 32)


@pytest.mark.parametrize("count", range(1, 200))
def test_two_quorums_share_more_than_a_third(count: int) -> None:
    quorum = two_thirds(count)
    assert quorum <= count
    assert 3 * (2 * quorum - count) > count


def tail(cohort: int, bad: int, drawn: int, least: int) -> float:
    """P(at least `least` of `drawn` devices are among the `bad` ones): hypergeometric."""
    ways = math.comb(cohort - 1, drawn)
    return sum(
        math.comb(bad, k) * math.comb(cohort - 1 - bad, drawn - k) / ways
        for k in range(least, min(bad, drawn) + 1)
    )


@pytest.mark.parametrize("cohort", [130, 200, 500, 1000, 2000])
def test_a_tenth_colluding_cannot_surround_anyone(cohort: int) -> None:
    # Opening one device alone needs c colluding neighbours with 2·threshold <= degree + c.
    least = 2 * two_thirds(DEGREE) - DEGREE
    assert cohort * tail(cohort, cohort // 10, DEGREE, least) < 1e-10
    # The same bound must be able to fail: with two fifths colluding it does.
    assert cohort * tail(cohort, 2 * cohort // 5, DEGREE, least) > 1e-3


@pytest.mark.parametrize("cohort", [200, 500, 1000])
def test_a_fifth_dropping_out_leaves_enough_holders(cohort: int) -> None:
    missing = DEGREE - two_thirds(DEGREE) + 1
    assert cohort * tail(cohort, cohort // 5, DEGREE, missing) < 0.1
