"""A prior has one encoding, and a person's nearest live group is theirs."""

import dataclasses

import numpy as np
import pytest

from homeward_federated import Malformed
from homeward_federated.priors.published_prior import PriorMessage, PublishedPrior, nearest_group
from homeward_federated.wire.envelope import decode, encode


@pytest.fixture
def message(prior: PublishedPrior) -> PriorMessage:
    return decode(PriorMessage, prior.encode())


def test_a_prior_survives_its_encoding(prior: PublishedPrior) -> None:
    again = PublishedPrior.decode(prior.encode())
    assert again.hash == prior.hash
    assert np.array_equal(again.groups, prior.groups)
    assert again.live.tolist() == [True, True]


@pytest.mark.parametrize(
    ("change", "says"),
    [
        ({"numbers": bytes(4 * 23)}, "92 bytes of numbers"),
        ({"live": b"\1"}, "marked live"),
        ({"live": b"\1\2"}, "marked live"),
        ({"numbers": np.full(24, np.nan, "<f4").tobytes()}, "not finite"),
    ],
)
def test_a_prior_that_contradicts_itself_is_refused(
    message: PriorMessage, change: dict[str, bytes], says: str
) -> None:
    with pytest.raises(Malformed, match=says):
        PublishedPrior.decode(encode(dataclasses.replace(message, **change)))  # type: ignore[arg-type]


def test_the_nearest_live_group_is_chosen(prior: PublishedPrior) -> None:
    right, left = np.zeros(8), np.zeros(8)
    right[0], left[0] = 0.3, -0.3
    assert (nearest_group(right, prior), nearest_group(left, prior)) == (0, 1)
    prior.live[0] = False
    assert nearest_group(right, prior) == 1
    prior.live[:] = False
    assert nearest_group(right, prior) is None
    assert prior.of_group(None).tolist() == [0.0] * 8
    assert prior.of_group(1)[0] == -0.5
