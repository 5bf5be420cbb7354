"""
What a malicious server, peer or operator tries against one device, and what stops it.

Each attack is a legal-looking move; each test shows the refusal, or the figure that makes it
harmless. docs/federation/attacks.md lists them with what is left.
"""

import dataclasses
import hashlib

import numpy as np
import pytest
from tests.federated.ambush import Ambush, adverts, refused, roster, survivors

from homeward_federated import (
    Malformed,
    OutOfOrder,
    ProtocolViolation,
    TermsRefused,
    TooFewSurvivors,
    WrongSigner,
)
from homeward_federated.enrolment.membership import Membership
from homeward_federated.priors.published_prior import PublishedPrior
from homeward_federated.privacy.budget import MemoryLedger
from homeward_federated.secure_aggregation.identity import SigningKey, certify, invite, seal
from homeward_federated.secure_aggregation.roster import make_commitments, to_bitmap
from homeward_federated.simulation.cohorts import LocalFederation
from homeward_federated.wire.envelope import decode, encode
from homeward_federated.wire.messages import (
    Advert,
    Agreements,
    Commitment,
    Inbox,
    Signed,
    Survivors,
    Terms,
)

# --- the invitation ---------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("change", "says"),
    [
        ({"min_cohort": 1, "min_survivors": 1}, "min_cohort"),
        ({"min_survivors": 1}, "min_survivors"),
        ({"scale": 1}, "scale"),
        ({"noise_multiplier": 0.0}, "noise multiplier"),
        ({"clip": 1000.0}, "clip"),
        ({"code": "rehearsal-0"}, "code 'rehearsal-0' is offered, 'rehearsal-1' is pinned"),
        ({"code": "rehearsal-1-fork"}, "code"),
        ({"task": "other"}, "task"),
        ({"dims": 4096}, "dims"),
    ],
)
def test_an_operator_that_signs_weaker_terms_is_refused(
    ambush: Ambush, change: dict[str, object], says: str
) -> None:
    weaker = dataclasses.replace(ambush.terms, **change)  # type: ignore[arg-type]
    invitation = invite(ambush.federation.operator, terms=weaker, prior=ambush.prior.encode())
    refused(ambush, invitation, TermsRefused, says)


def test_a_server_without_the_operators_key_cannot_invite(ambush: Ambush) -> None:
    other = invite(SigningKey.generate(), terms=ambush.terms, prior=ambush.prior.encode())
    refused(ambush, other, WrongSigner, "the terms")


def test_another_protocol_version_is_refused(ambush: Ambush) -> None:
    data = bytearray(ambush.server.invitation)
    data[3] = 0
    refused(ambush, bytes(data), Malformed, "version 0")


def test_a_round_is_not_begun_twice(ambush: Ambush) -> None:
    ambush.ask(ambush.server.invitation)
    again = ambush.federation.device(ambush.by_key[ambush.order[0]], np.zeros(8))
    with pytest.raises(OutOfOrder, match="begun before"):
        again.receive(ambush.server.invitation, now=ambush.now)


def test_another_prior_than_the_one_in_the_terms_is_refused(ambush: Ambush) -> None:
    shown = dataclasses.replace(ambush.prior, version=9)
    data = invite(ambush.federation.operator, terms=ambush.terms, prior=shown.encode())
    refused(ambush, data, ProtocolViolation, "not the one that the terms name")


def test_a_prior_made_to_single_one_person_out_is_refused(ambush: Ambush) -> None:
    # Slot isolation: one group is put where only the victim can be.
    far = np.zeros((2, 8), np.float32)
    far[1] = 50.0
    crafted = dataclasses.replace(ambush.prior, groups=far)
    terms = dataclasses.replace(ambush.terms, prior_hash=crafted.hash)
    data = invite(ambush.federation.operator, terms=terms, prior=crafted.encode())
    refused(ambush, data, TermsRefused, "lies 141.4 from")


def test_a_prior_of_another_shape_is_refused(ambush: Ambush) -> None:
    other = PublishedPrior.blank("rehearsal", dims=9, groups=2)
    terms = dataclasses.replace(ambush.terms, prior_hash=other.hash)
    data = invite(ambush.federation.operator, terms=terms, prior=other.encode())
    refused(ambush, data, TermsRefused, "another task or shape")


def test_after_the_round_has_closed_nothing_is_answered(ambush: Ambush) -> None:
    ambush.until("Agreeing")
    with pytest.raises(OutOfOrder, match="closed"):
        ambush.victim.receive(ambush.question, now=ambush.terms.closes_at)


# --- the roster -------------------------------------------------------------------------------


def test_a_cohort_of_one_is_refused(ambush: Ambush) -> None:
    ambush.until("Sharing")
    refused(ambush, roster(adverts(ambush)[:1]), TermsRefused, "a cohort of 1")


def test_peers_that_the_authority_never_admitted_are_refused(ambush: Ambush) -> None:
    fakes = LocalFederation(
        ambush.federation.policy,
        operator=ambush.federation.operator,
        authority=SigningKey.generate(),
    )
    made = ambush.entered([ambush.victim, *(fakes.device(m, np.zeros(8)) for m in fakes.enrol(9))])
    refused(ambush, roster(made), WrongSigner, "a certificate")


def test_a_peer_admitted_to_another_task_is_refused(ambush: Ambush) -> None:
    identity = SigningKey.generate()
    certificate = certify(ambush.federation.authority, task="other", device=identity.public)
    stray = Membership(
        identity,
        certificate,
        ambush.federation.authority.public,
        ambush.federation.operator.public,
        ambush.federation.policy,
        ambush.federation.allowance,
    )
    ambush.federation.ledgers[identity.public] = MemoryLedger()
    made = ambush.entered([*ambush.devices.values(), ambush.federation.device(stray, np.zeros(8))])
    refused(ambush, roster(made), WrongSigner, "a certificate")


def test_the_same_peer_ten_times_is_refused(ambush: Ambush) -> None:
    ambush.until("Sharing")
    mine, peer, *_ = adverts(ambush)
    refused(ambush, roster([mine] + [peer] * 9), ProtocolViolation, "twice")


def test_a_roster_without_this_device_or_with_a_changed_advert_of_it_is_refused(
    ambush: Ambush,
) -> None:
    ambush.until("Sharing")
    refused(ambush, roster(adverts(ambush)[1:]), ProtocolViolation, "missing or changed")
    member = ambush.by_key[ambush.order[0]]
    items = adverts(ambush)
    advert = decode(Advert, decode(Signed, items[0]).body)
    items[0] = seal(member.identity, dataclasses.replace(advert, mask_proof=bytes(64)))
    refused(ambush, roster(items), WrongSigner, "possession of a mask key")


def test_devices_that_were_given_different_priors_do_not_share_a_round(
    ambush: Ambush, now: int
) -> None:
    # "Eluding secure aggregation": the victim alone gets a prior whose answer stands out.
    other_prior = dataclasses.replace(ambush.prior, version=1)
    other_terms = dataclasses.replace(ambush.terms, prior_hash=other_prior.hash)
    mine = ambush.commitment(ambush.victim)
    second = invite(ambush.federation.operator, terms=other_terms, prior=other_prior.encode())
    others = [ambush.devices[key] for key in ambush.order[1:]]
    commitments = [
        mine,
        *(
            decode(Commitment, decode(Signed, one.receive(second, now=now)).body).commitment
            for one in others
        ),
    ]
    ambush.ask(make_commitments(ambush.terms_hash, commitments))
    elsewhere = make_commitments(hashlib.sha256(encode(other_terms)).digest(), commitments)
    adverts = [one.receive(elsewhere, now=now) for one in others]
    refused(
        ambush,
        roster([ambush.victim._state.advert, *adverts]),  # type: ignore[attr-defined]
        ProtocolViolation,
        "for other terms",
    )


def test_the_same_stage_is_not_answered_twice(ambush: Ambush) -> None:
    ambush.until("Sharing")
    ambush.ask(ambush.question)
    refused(ambush, ambush.question, Malformed, "kind 5 where Inbox")


# --- the inbox --------------------------------------------------------------------------------


def test_too_few_peers_stop_the_device_before_its_vector_leaves(ambush: Ambush) -> None:
    ambush.until("Masking")
    inbox = decode(Inbox, ambush.question)
    few = dataclasses.replace(
        inbox,
        parcels=inbox.parcels[:4] + (b"",) * 5,
        seed_share_hashes=inbox.seed_share_hashes[:4] + (b"",) * 5,
        key_share_hashes=inbox.key_share_hashes[:4] + (b"",) * 5,
    )
    refused(ambush, few, TooFewSurvivors, "4 peers")
    garbled = dataclasses.replace(inbox, parcels=(bytes(82),) * 9)
    refused(ambush, garbled, TooFewSurvivors, "0 peers")


def test_an_inbox_that_does_not_fit_is_refused(ambush: Ambush) -> None:
    ambush.until("Masking")
    inbox = decode(Inbox, ambush.question)
    for change, kind, says in (
        ({"parcels": inbox.parcels[1:]}, ProtocolViolation, "not for 9 peers"),
        ({"parcels": (b"", *inbox.parcels[1:])}, ProtocolViolation, "half a parcel"),
        ({"roster_hash": bytes(32)}, OutOfOrder, "another roster"),
    ):
        refused(ambush, dataclasses.replace(inbox, **change), kind, says)


def test_a_parcel_that_does_not_fit_its_commitment_counts_as_missing(ambush: Ambush) -> None:
    ambush.until("Masking")
    inbox = decode(Inbox, ambush.question)
    wrong = (bytes(32), *inbox.seed_share_hashes[1:])
    ambush.ask(dataclasses.replace(inbox, seed_share_hashes=wrong))
    assert ambush.victim.stage == "Sent"


@pytest.mark.parametrize("bad", [np.nan, np.inf])
def test_a_vector_that_is_not_finite_never_leaves(
    federation: LocalFederation, prior: PublishedPrior, terms: Terms, now: int, bad: float
) -> None:
    ambush = Ambush(federation, prior, terms, now)
    spoiled = federation.device(ambush.by_key[ambush.order[0]], np.full(8, bad))
    ambush.devices[ambush.order[0]] = ambush.victim = spoiled
    ambush.until("Masking")
    with pytest.raises(ValueError, match="finite"):
        ambush.ask(ambush.question)
    assert ambush.victim.stage == "Dealt"


# --- survivors and unmasking ------------------------------------------------------------------


def test_a_survivor_set_below_the_promise_is_refused(ambush: Ambush) -> None:
    ambush.until("Agreeing")
    refused(ambush, survivors(ambush, [0]), TooFewSurvivors, "1 survivors")
    refused(ambush, survivors(ambush, list(range(6))), TooFewSurvivors, "7 promised")


def test_a_survivor_set_that_leaves_the_asked_device_out_is_refused(ambush: Ambush) -> None:
    ambush.until("Agreeing")
    refused(ambush, survivors(ambush, list(range(1, 10))), ProtocolViolation, "declared dropped")


def test_a_bitmap_that_is_not_the_rosters_is_refused(ambush: Ambush) -> None:
    ambush.until("Agreeing")
    honest = decode(Survivors, ambush.question)
    for bitmap in (b"\xff", b"\xff\xff", b"\xff\x03\x00"):
        message = dataclasses.replace(honest, bitmap=bitmap)
        refused(ambush, message, ProtocolViolation, "bitmap")
    refused(ambush, dataclasses.replace(honest, roster_hash=bytes(32)), OutOfOrder, "another")


def test_a_peer_whose_parcel_was_withheld_cannot_survive(ambush: Ambush) -> None:
    ambush.until("Masking")
    inbox = decode(Inbox, ambush.question)
    ambush.ask(
        dataclasses.replace(
            inbox,
            parcels=(*inbox.parcels[:-1], b""),
            seed_share_hashes=(*inbox.seed_share_hashes[:-1], b""),
            key_share_hashes=(*inbox.key_share_hashes[:-1], b""),
        )
    )
    cohort_hash = inbox.roster_hash
    everyone = Survivors(cohort_hash, to_bitmap(range(10), size=10))
    refused(ambush, everyone, ProtocolViolation, "never reached")
    ambush.ask(Survivors(cohort_hash, to_bitmap(range(9), size=10)))
    assert ambush.victim.stage == "Agreed"


def test_different_survivor_sets_for_different_devices_open_nobody(ambush: Ambush) -> None:
    # The target is alive for one half and dead for the other: both its secrets would be opened.
    ambush.until("Agreeing")
    target = 3
    alive, dead = list(range(10)), [i for i in range(10) if i != target]
    signatures = []
    for place, key in enumerate(ambush.order):
        view = alive if place % 2 == 0 or place == target else dead
        answer = ambush.devices[key].receive(encode(survivors(ambush, view)), now=ambush.now)
        signatures.append(decode(Signed, answer).signature)
    honest = decode(Survivors, ambush.question).roster_hash
    for key in ambush.order:
        with pytest.raises(WrongSigner):
            ambush.devices[key].receive(
                encode(Agreements(honest, tuple(signatures))), now=ambush.now
            )


def test_too_few_signatures_unmask_nothing(ambush: Ambush) -> None:
    ambush.until("Opening")
    honest = decode(Agreements, ambush.question)
    few = honest.signatures[:6] + (b"",) * 4
    refused(ambush, Agreements(honest.roster_hash, few), TooFewSurvivors, "6 devices agreed")
    refused(
        ambush, Agreements(honest.roster_hash, honest.signatures[1:]), ProtocolViolation, "9 sig"
    )
    refused(ambush, Agreements(bytes(32), honest.signatures), OutOfOrder, "another roster")


def test_shares_are_given_once(ambush: Ambush) -> None:
    ambush.until("Opening")
    ambush.ask(ambush.question)
    refused(ambush, ambush.question, OutOfOrder, "over")
