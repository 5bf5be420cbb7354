"""So many devices have to agree that colluders cannot agree twice; the honest carry the noise."""

from dataclasses import replace

import pytest

from homeward_federated.secure_aggregation.quorums import (
    honest_survivors,
    most_colluders,
    quorum,
    two_thirds,
)
from homeward_federated.wire.messages import Terms


@pytest.mark.parametrize("count", range(1, 200))
def test_two_quorums_share_more_than_a_third(count: int) -> None:
    quorum = two_thirds(count)
    assert quorum <= count
    assert 3 * (2 * quorum - count) > count


@pytest.mark.parametrize("size", range(1, 200))
def test_colluders_stay_below_a_third_and_below_every_threshold(size: int) -> None:
    bad = most_colluders(size=size, share=1 / 3)
    assert 3 * bad < size
    assert most_colluders(size=size, share=0.0) == 0
    # Neither can they rebuild a peer's secret, nor sign two sets with the honest ones divided.
    assert bad < two_thirds(size - 1) or size == 1
    least = quorum(size=size, min_survivors=1)
    assert 2 * least > size + bad


def test_the_fewest_honest_survivors_are_those_of_the_worst_cohort_that_the_terms_allow(
    terms: Terms,
) -> None:
    pilot = replace(terms, min_cohort=200, max_cohort=1024, min_survivors=140)
    assert honest_survivors(replace(pilot, max_colluders=0.0)) == 140
    assert honest_survivors(replace(pilot, max_colluders=0.1)) == 120
    assert honest_survivors(replace(pilot, max_colluders=1 / 3)) == 71
    # Were everyone to stay, 200 - 66 of them would be honest; the terms let sixty drop out.
    assert honest_survivors(replace(pilot, min_survivors=200, max_cohort=200)) == 134
