"""Secrets split among peers: enough of them rebuild it, and wrong shares are found out."""

import os
import secrets

import pytest
from hypothesis import given, strategies as st

from homeward_federated.secure_aggregation.shamir import (
    PRIME,
    ShareLabel,
    commit_seed,
    rebuild,
    split,
)


def is_prime(number: int) -> bool:
    """Miller-Rabin: wrong with probability below 4^-40."""
    odd, twos = number - 1, 0
    while odd % 2 == 0:
        odd, twos = odd // 2, twos + 1
    for _ in range(40):
        power = pow(2 + secrets.randbelow(number - 4), odd, number)
        if power in (1, number - 1):
            continue
        if not any((power := power * power % number) == number - 1 for _ in range(twos - 1)):
            return False
    return True


def test_the_field_has_a_prime_number_of_elements_and_holds_every_secret() -> None:
    assert is_prime(PRIME)
    assert PRIME > 2**256
    assert not is_prime(PRIME + 2)


@given(st.binary(min_size=32, max_size=32), st.integers(1, 8), st.data())
def test_any_threshold_of_the_holders_rebuilds_the_secret(
    secret: bytes, threshold: int, data: st.DataObject
) -> None:
    holders = data.draw(
        st.lists(st.integers(1, 2048), min_size=threshold, max_size=12, unique=True)
    )
    shares = dict(zip(holders, split(secret, threshold=threshold, holders=holders), strict=True))
    chosen = data.draw(st.permutations(holders))[:threshold]
    assert rebuild({holder: shares[holder] for holder in chosen}) == secret


def test_one_share_too_few_says_nothing() -> None:
    # With one share missing, every secret is possible: the missing share decides which.
    shares = split(bytes(32), threshold=3, holders=[1, 2, 3])
    guesses = {rebuild({1: shares[0], 2: shares[1], 3: bytes([0, *os.urandom(32)])}) for _ in "ab"}
    assert len(guesses) == 2
    assert bytes(32) not in guesses


def test_shares_of_no_secret_give_none() -> None:
    too_large = (2**256 + 5).to_bytes(33, "big")
    assert rebuild({1: too_large}) is None


@pytest.mark.parametrize(("size", "threshold"), [(31, 2), (32, 0), (32, 4)])
def test_an_impossible_split_is_refused(size: int, threshold: int) -> None:
    with pytest.raises(ValueError, match=r"31 bytes|threshold"):
        split(bytes(size), threshold=threshold, holders=[1, 2, 3])


def test_a_commitment_is_bound_to_its_round_dealer_holder_and_secret() -> None:
    labels = [
        ShareLabel(bytes(32), b"d" * 32, b"h" * 32, "seed"),
        ShareLabel(b"r" * 32, b"d" * 32, b"h" * 32, "seed"),
        ShareLabel(bytes(32), b"e" * 32, b"h" * 32, "seed"),
        ShareLabel(bytes(32), b"d" * 32, b"i" * 32, "seed"),
        ShareLabel(bytes(32), b"d" * 32, b"h" * 32, "key"),
    ]
    assert len({label.commit(bytes(33)) for label in labels}) == len(labels)
    assert commit_seed(bytes(32), bytes(32), bytes(32)) != commit_seed(
        bytes(32), bytes(32), b"s" * 32
    )
