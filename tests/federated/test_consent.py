"""Before joining nothing exists, after leaving nothing can be answered."""

import subprocess
import sys
from dataclasses import replace

import numpy as np
import pytest

from homeward_federated import NotJoined, TermsRefused
from homeward_federated.consent import (
    MemoryMemberships,
    Offer,
    join,
    leave,
    preview,
    require,
    takes_part,
)
from homeward_federated.ledger import Allowance
from homeward_federated.policy import Policy
from homeward_federated.prior import Prior

OFFER = Offer(
    "How you like replies to be.",
    "Example Foundation",
    "Example Registrar",
    Policy("taste", "taste-1", 64, 8),
    Allowance(),
)


def test_the_offer_names_what_with_whom_and_at_what_epsilon() -> None:
    for says in (
        "64 numbers",
        "at least 140 together",
        "Example Foundation",
        "Example Registrar",
        "epsilon 1.14 a round",
        "4.00 a year (9 rounds), at delta 1e-06",
        "12.00 in all",
        "leave at any time",
    ):
        assert says in OFFER.text
    assert "surround you" not in OFFER.text
    assert "surround you" in replace(OFFER, authority=OFFER.operator).text


def test_joining_makes_an_identity_for_exactly_the_text_that_was_read() -> None:
    memberships = MemoryMemberships()
    other = replace(OFFER, allowance=Allowance(epsilon_per_year=8.0))
    with pytest.raises(TermsRefused, match="another text"):
        join(memberships, other, agreed_to=OFFER.hash, now=1)
    assert memberships.load("taste") is None
    joined = join(memberships, OFFER, agreed_to=OFFER.hash, now=1)
    assert joined.consent.offer_hash == OFFER.hash
    assert "identity" not in repr(joined)


def test_without_membership_there_is_nothing_to_take_part_with() -> None:
    memberships = MemoryMemberships()
    with pytest.raises(NotJoined):
        require(memberships, "taste")
    joined = join(memberships, OFFER, agreed_to=OFFER.hash, now=1)
    with pytest.raises(NotJoined):
        require(memberships, "taste")  # not enrolled yet
    memberships.save(replace(joined, certificate=bytes(64)))
    assert require(memberships, "taste").identity.public == joined.identity.public
    leave(memberships, "taste")
    leave(memberships, "taste")
    with pytest.raises(NotJoined):
        require(memberships, "taste")


def test_the_preview_shows_what_would_be_summed(prior: Prior) -> None:
    policy = Policy("rehearsal", "rehearsal-1", 8, 2)
    near = np.zeros(8)
    near[0] = 0.6
    shown = preview(near, prior, policy)
    assert (shown.group, shown.kept, shown.noise) == (0, 1.0, 4.0)
    assert np.allclose(shown.difference, np.eye(8)[0] * 0.1)
    far = preview(near * 100, prior, policy)
    assert np.linalg.norm(far.difference) == pytest.approx(0.6745, abs=1e-3)
    assert far.kept < 0.02
    assert preview(prior.of_group(1), prior, policy).kept == 1.0


def test_a_device_tosses_its_own_coin() -> None:
    assert not any(takes_part(0.0) for _ in range(100))
    assert all(takes_part(1.0) for _ in range(100))
    heads = sum(takes_part(0.25) for _ in range(10_000))
    assert 2200 < heads < 2800  # 6.9 standard deviations


def test_a_device_that_never_joined_opens_no_socket_makes_no_key_and_imports_no_flower() -> None:
    program = """
import sys
calls = []
sys.addaudithook(lambda event, args: calls.append(event) if event.startswith("socket.") else None)
import numpy as np
import homeward_federated
from homeward_federated import accounting, canary, consent, device, learning, ledger, policy
from homeward_federated import prior, publishing, simulate
from homeward_federated.identity import SigningKey
made = []
original = SigningKey.__init__
SigningKey.__init__ = lambda self, *a: made.append(1) or original(self, *a)
start = prior.Prior.blank("taste", dims=64, groups=8)
rules = policy.Policy("taste", "taste-1", 64, 8)
offer = consent.Offer("", "a", "b", rules, ledger.Allowance())
offer.text, consent.preview(np.zeros(64), start, rules)
print(calls, made, sorted(m for m in sys.modules if m.split(".")[0] in {"flwr", "grpc"}))
"""
    done = subprocess.run(
        [sys.executable, "-c", program], capture_output=True, text=True, check=True
    )
    assert done.stdout == "[] [] []\n"
