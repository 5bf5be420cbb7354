"""Before joining nothing exists, after leaving nothing can be answered."""

import json
import subprocess
import sys
from dataclasses import replace

import numpy as np
import pytest

from homeward_federated import Malformed, NotJoined, TermsRefused, WrongSigner
from homeward_federated.enrolment.consent import (
    MemoryMemberships,
    complete,
    join,
    leave,
    preview,
    require,
)
from homeward_federated.enrolment.enrolment import Certificate, Request, admit
from homeward_federated.enrolment.offer import Offer
from homeward_federated.priors.published_prior import PublishedPrior
from homeward_federated.priors.round_policy import Policy
from homeward_federated.privacy.budget import Allowance
from homeward_federated.rounds.participation import sample_participation
from homeward_federated.secure_aggregation.identity import SigningKey

OPERATOR, AUTHORITY = SigningKey.generate(), SigningKey.generate()
OFFER = Offer(
    "How you like replies to be.",
    "Example Foundation",
    "Example Registrar",
    Policy("taste", "taste-1", 64, 8),
    Allowance(),
    OPERATOR.public,
    AUTHORITY.public,
    "federation.example.org:8000",
    "-----BEGIN CERTIFICATE-----",
    "https://priors.example.org/latest.hwf",
)


def test_the_offer_names_what_with_whom_and_at_what_epsilon() -> None:
    for says in (
        "64 numbers",
        "at least 140 together",
        "Example Foundation",
        "Example Registrar",
        OPERATOR.public.hex()[:16],
        AUTHORITY.public.hex()[:16],
        "federation.example.org:8000",
        "epsilon 1.14 a round",
        "4.00 a year (9 rounds), at delta 1e-06",
        "12.00 in all",
        "at most 33% of a round's devices work together with it",
        "“How you like replies to be.”",
        "leave at any time",
    ):
        assert says in OFFER.text
    assert "surround you" not in OFFER.text
    assert "surround you" in replace(OFFER, authority=OFFER.operator).text
    assert "surround you" in replace(OFFER, authority_key=OFFER.operator_key).text
    assert "one number," in replace(OFFER, policy=replace(OFFER.policy, dims=1)).text
    assert "for rehearsals" in replace(OFFER, policy=replace(OFFER.policy, min_cohort=199)).text


def test_an_offer_survives_its_file_and_cannot_set_the_persons_allowance() -> None:
    again = Offer.decode(OFFER.encode())
    assert again == OFFER
    assert again.hash == OFFER.hash
    assert b"epsilon" not in OFFER.encode()
    mine = Offer.decode(OFFER.encode(), allowance=Allowance(epsilon_per_year=2.0))
    assert mine.rounds_per_year == 2
    assert mine.hash != OFFER.hash


@pytest.mark.parametrize(
    "change",
    [
        {"allowance": {"epsilon_per_year": 100}},
        {"version": 1},
        {"address": 8000},
        {"operator_key": "zz"},
        {"policy": {"task": "taste"}},
        {"policy": []},
        {"policy": {**json.loads(OFFER.encode())["policy"], "min_noise_multiplier": 0.0}},
        {"policy": {**json.loads(OFFER.encode())["policy"], "max_colluders": 0.5}},
        {"priors": None},
    ],
)
def test_another_file_is_no_offer(change: dict[str, object]) -> None:
    body = json.loads(OFFER.encode()) | change
    with pytest.raises(Malformed):
        Offer.decode(json.dumps(body).encode())
    for data in (b"", b"[]", b"null", OFFER.encode()[:-9], b" " * (1 << 17)):
        with pytest.raises(Malformed):
            Offer.decode(data)


@pytest.mark.parametrize(
    "change", ["address", "ca", "priors", "operator_key", "authority_key", "summary"]
)
def test_a_consent_is_bound_to_all_of_the_offer(change: str) -> None:
    value = getattr(OFFER, change)
    other = value[::-1] if isinstance(value, bytes) else f"{value}x"
    assert replace(OFFER, **{change: other}).hash != OFFER.hash  # type: ignore[arg-type]


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
    with pytest.raises(NotJoined, match="not admitted"):
        _ = joined.membership
    answer = Certificate.decode(admit(AUTHORITY, joined.request).encode())
    complete(memberships, answer)
    membership = require(memberships, "taste").membership
    assert membership.identity.public == joined.identity.public
    assert (membership.operator, membership.policy) == (OPERATOR.public, OFFER.policy)
    leave(memberships, "taste")
    leave(memberships, "taste")
    with pytest.raises(NotJoined):
        require(memberships, "taste")
    with pytest.raises(NotJoined):
        complete(memberships, answer)


def test_a_certificate_of_another_authority_or_for_another_device_is_refused() -> None:
    memberships = MemoryMemberships()
    joined = join(memberships, OFFER, agreed_to=OFFER.hash, now=1)
    request = Request.decode(joined.request.encode())
    for answer in (
        admit(OPERATOR, request),
        admit(AUTHORITY, replace(request, identity=OPERATOR.public)),
    ):
        with pytest.raises(WrongSigner):
            complete(memberships, answer)
    with pytest.raises(NotJoined, match="not admitted"):
        _ = require(memberships, "taste").membership


@pytest.mark.parametrize("data", [b"", b"{}", b"[1]", b"null", b"\xff" * 9, b"{" * 100_000])
def test_another_file_is_no_request_and_no_certificate(data: bytes) -> None:
    for kind in (Request, Certificate):
        with pytest.raises(Malformed):
            kind.decode(data)
    shortened = Request("taste", b"1" * 31, "ssh").encode()
    with pytest.raises(Malformed, match="31 bytes"):
        Request.decode(shortened)


def test_the_preview_shows_what_would_be_summed(prior: PublishedPrior) -> None:
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
    assert not any(sample_participation(0.0) for _ in range(100))
    assert all(sample_participation(1.0) for _ in range(100))
    heads = sum(sample_participation(0.25) for _ in range(10_000))
    assert 2200 < heads < 2800  # 6.9 standard deviations


def test_a_device_that_never_joined_opens_no_socket_makes_no_key_and_imports_no_flower() -> None:
    program = """
import sys
calls = []
sys.addaudithook(lambda event, args: calls.append(event) if event.startswith("socket.") else None)
import numpy as np
import homeward_federated
from homeward_federated.enrolment.consent import preview
from homeward_federated.enrolment.offer import Offer
from homeward_federated.priors import canary, publishing, server_update
from homeward_federated.priors.published_prior import PublishedPrior
from homeward_federated.priors.round_policy import Policy
from homeward_federated.privacy import accounting
from homeward_federated.privacy.budget import Allowance
from homeward_federated.rounds import device
from homeward_federated.secure_aggregation.identity import SigningKey
from homeward_federated.simulation import simulate
made = []
original = SigningKey.__init__
SigningKey.__init__ = lambda self, *a: made.append(1) or original(self, *a)
start = PublishedPrior.blank("taste", dims=64, groups=8)
rules = Policy("taste", "taste-1", 64, 8)
offer = Offer("Numbers.", "a", "b", rules, Allowance(), bytes(32), bytes(32), "localhost:1", "")
offer.text, preview(np.zeros(64), start, rules)
print(calls, made, sorted(m for m in sys.modules if m.split(".")[0] in {"flwr", "grpc"}))
"""
    done = subprocess.run(
        [sys.executable, "-c", program], capture_output=True, text=True, check=True
    )
    assert done.stdout == "[] [] []\n"
