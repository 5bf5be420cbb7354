"""
What a malicious server, peer or operator tries against one device, and what stops it.

Each attack is a legal-looking move; each test shows the refusal, or the figure that makes it
harmless. docs/federation/attacks.md lists them with what is left.
"""

import dataclasses
import gc
import io
import logging
import os
from typing import Any

import numpy as np
import pytest
from cryptography.hazmat.primitives.asymmetric.x25519 import X25519PrivateKey

from homeward_federated import (
    BudgetExhausted,
    FederatedError,
    Malformed,
    OutOfOrder,
    ProtocolViolation,
    RoundSpoiled,
    TermsRefused,
    TooFewSurvivors,
    WrongSigner,
)
from homeward_federated.cohorts import LocalFederation, Refusal, run_round
from homeward_federated.envelope import Message, decode, encode
from homeward_federated.identity import SigningKey, certify, invite, seal
from homeward_federated.ledger import Allowance, spent
from homeward_federated.membership import Membership
from homeward_federated.messages import (
    Advert,
    Agreements,
    Inbox,
    Masked,
    Roster,
    Signed,
    Survivors,
    Terms,
)
from homeward_federated.prior import Prior
from homeward_federated.roster import to_bitmap

Answers = dict[bytes, bytes]


class Ambush:
    """A server that plays honestly up to a stage and then asks what it likes."""

    def __init__(self, federation: LocalFederation, prior: Prior, terms: Terms, now: int) -> None:
        self.federation, self.prior, self.terms, self.now = federation, prior, terms, now
        self.members = federation.enrol(10)
        self.by_key = {m.identity.public: m for m in self.members}
        self.server = federation.serve(terms, prior)
        self.devices = {
            m.identity.public: federation.device(m, np.full(8, 0.1)) for m in self.members
        }
        self.order = sorted(self.devices)
        self.victim = self.devices[self.order[0]]
        self.questions: Answers = dict.fromkeys(self.devices, self.server.invitation)

    def until(self, stage: str) -> "Ambush":
        """Run honest stages until the server is at `stage`, its questions not yet answered."""
        while self.server.stage != stage:
            for answer in self.answers().values():
                self.server.receive(answer)
            self.questions = self.server.close()
        return self

    def answers(self) -> Answers:
        return {k: self.devices[k].receive(q, now=self.now) for k, q in self.questions.items()}

    def ask(self, message: Message | bytes) -> bytes:
        """Put a question to the victim."""
        data = message if isinstance(message, bytes) else encode(message)
        return self.victim.receive(data, now=self.now)

    @property
    def question(self) -> bytes:
        return self.questions[self.order[0]]


@pytest.fixture
def ambush(federation: LocalFederation, prior: Prior, terms: Terms, now: int) -> Ambush:
    return Ambush(federation, prior, terms, now)


def refused(
    ambush: Ambush, message: Message | bytes, kind: type[FederatedError], says: str
) -> None:
    stage, ledger = ambush.victim.stage, ambush.federation.ledgers[ambush.order[0]].entries()
    with pytest.raises(kind, match=says):
        ambush.ask(message)
    assert ambush.victim.stage == stage
    assert ambush.federation.ledgers[ambush.order[0]].entries() == ledger


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
    other = Prior.blank("rehearsal", dims=9, groups=2)
    terms = dataclasses.replace(ambush.terms, prior_hash=other.hash)
    data = invite(ambush.federation.operator, terms=terms, prior=other.encode())
    refused(ambush, data, TermsRefused, "another task or shape")


def test_after_the_round_has_closed_nothing_is_answered(ambush: Ambush) -> None:
    ambush.until("Agreeing")
    with pytest.raises(OutOfOrder, match="closed"):
        ambush.victim.receive(ambush.question, now=ambush.terms.closes_at)


# --- the roster -------------------------------------------------------------------------------


def adverts(ambush: Ambush) -> list[bytes]:
    """The signed adverts of the roster that the victim is about to be asked with."""
    return list(decode(Roster, ambush.question).adverts)


def roster(items: list[bytes]) -> Roster:
    return Roster(tuple(sorted(items, key=lambda raw: decode(Signed, raw).sender)))


def test_a_cohort_of_one_is_refused(ambush: Ambush) -> None:
    ambush.until("Sharing")
    refused(ambush, roster(adverts(ambush)[:1]), TermsRefused, "a cohort of 1")


def test_peers_that_the_authority_never_admitted_are_refused(ambush: Ambush) -> None:
    mine = ambush.ask(ambush.server.invitation)
    fake_authority = SigningKey.generate()
    fakes = LocalFederation(
        ambush.federation.policy, operator=ambush.federation.operator, authority=fake_authority
    )
    made = [
        fakes.device(m, np.zeros(8)).receive(ambush.server.invitation, now=ambush.now)
        for m in fakes.enrol(9)
    ]
    refused(ambush, roster([mine, *made]), WrongSigner, "a certificate")


def test_a_peer_admitted_to_another_task_is_refused(ambush: Ambush, now: int) -> None:
    ambush.until("Sharing")
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
    ambush.federation.ledgers[identity.public] = type(ambush.federation.ledgers[ambush.order[0]])()
    advert = ambush.federation.device(stray, np.zeros(8)).receive(ambush.server.invitation, now=now)
    refused(ambush, roster([*adverts(ambush), advert]), WrongSigner, "a certificate")


def test_the_same_peer_ten_times_is_refused(ambush: Ambush) -> None:
    ambush.until("Sharing")
    mine, peer, *_ = adverts(ambush)
    refused(ambush, roster([mine] + [peer] * 9), ProtocolViolation, "twice")


def test_a_swapped_mask_key_is_refused(ambush: Ambush) -> None:
    ambush.until("Sharing")
    items = adverts(ambush)
    signed = decode(Signed, items[5])
    own = X25519PrivateKey.generate().public_key().public_bytes_raw()
    swapped = dataclasses.replace(decode(Advert, signed.body), mask_key=own)
    items[5] = encode(dataclasses.replace(signed, body=encode(swapped)))
    refused(ambush, roster(items), WrongSigner, "a message")


def test_a_roster_without_this_device_or_with_a_changed_advert_of_it_is_refused(
    ambush: Ambush,
) -> None:
    ambush.until("Sharing")
    refused(ambush, roster(adverts(ambush)[1:]), ProtocolViolation, "missing or changed")
    member = ambush.by_key[ambush.order[0]]
    items = adverts(ambush)
    advert = decode(Advert, decode(Signed, items[0]).body)
    items[0] = seal(member.identity, dataclasses.replace(advert, nonce=bytes(16)))
    refused(ambush, roster(items), ProtocolViolation, "missing or changed")


def test_devices_that_were_given_different_priors_do_not_share_a_round(
    ambush: Ambush, now: int
) -> None:
    # "Eluding secure aggregation": the victim alone gets a prior whose answer stands out.
    other_prior = dataclasses.replace(ambush.prior, version=1)
    other_terms = dataclasses.replace(ambush.terms, prior_hash=other_prior.hash)
    mine = ambush.ask(ambush.server.invitation)
    second = invite(ambush.federation.operator, terms=other_terms, prior=other_prior.encode())
    others = [ambush.devices[key].receive(second, now=now) for key in ambush.order[1:]]
    refused(ambush, roster([mine, *others]), ProtocolViolation, "for other terms")


def test_a_key_whose_secret_anyone_can_compute_is_refused(ambush: Ambush) -> None:
    ambush.until("Sharing")
    items = adverts(ambush)
    peer = ambush.by_key[ambush.order[3]]
    advert = decode(Advert, decode(Signed, items[3]).body)
    weak = seal(peer.identity, dataclasses.replace(advert, parcel_key=bytes(32)))
    refused(ambush, roster([*items[:3], weak, *items[4:]]), ProtocolViolation, "low order")
    fresh = ambush.federation.serve(ambush.terms, ambush.prior)
    with pytest.raises(ProtocolViolation, match="low order"):
        fresh.receive(weak)


def test_the_same_stage_is_not_answered_twice(ambush: Ambush) -> None:
    ambush.until("Sharing")
    ambush.ask(ambush.question)
    refused(ambush, ambush.question, Malformed, "kind 5 where Inbox")


# --- the inbox --------------------------------------------------------------------------------


def test_too_few_neighbours_stop_the_device_before_its_vector_leaves(ambush: Ambush) -> None:
    ambush.until("Masking")
    inbox = decode(Inbox, ambush.question)
    few = dataclasses.replace(
        inbox,
        parcels=inbox.parcels[:4] + (b"",) * 5,
        seed_share_hashes=inbox.seed_share_hashes[:4] + (b"",) * 5,
        key_share_hashes=inbox.key_share_hashes[:4] + (b"",) * 5,
    )
    refused(ambush, few, TooFewSurvivors, "4 neighbours")
    garbled = dataclasses.replace(inbox, parcels=(bytes(82),) * 9)
    refused(ambush, garbled, TooFewSurvivors, "0 neighbours")


def test_an_inbox_that_does_not_fit_is_refused(ambush: Ambush) -> None:
    ambush.until("Masking")
    inbox = decode(Inbox, ambush.question)
    for change, kind, says in (
        ({"parcels": inbox.parcels[1:]}, ProtocolViolation, "not for 9 neighbours"),
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
    federation: LocalFederation, prior: Prior, terms: Terms, now: int, bad: float
) -> None:
    ambush = Ambush(federation, prior, terms, now)
    spoiled = federation.device(ambush.by_key[ambush.order[0]], np.full(8, bad))
    ambush.devices[ambush.order[0]] = ambush.victim = spoiled
    ambush.until("Masking")
    with pytest.raises(ValueError, match="finite"):
        ambush.ask(ambush.question)
    assert ambush.victim.stage == "Dealt"


# --- survivors and unmasking ------------------------------------------------------------------


def survivors(ambush: Ambush, indices: list[int]) -> Survivors:
    honest = decode(Survivors, ambush.question)
    return dataclasses.replace(honest, bitmap=to_bitmap(indices, size=10))


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


def test_a_neighbour_whose_parcel_was_withheld_cannot_survive(ambush: Ambush) -> None:
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


# --- against the server -----------------------------------------------------------------------


def test_a_straggler_is_not_kept(ambush: Ambush) -> None:
    ambush.until("Masking")
    late, *others = ambush.answers().values()
    for answer in others:
        ambush.server.receive(answer)
    ambush.server.close()
    with pytest.raises(OutOfOrder, match="does not wait"):
        ambush.server.receive(late)


@pytest.mark.parametrize("stage", ["Inviting", "Sharing", "Masking", "Agreeing", "Opening"])
def test_the_server_takes_each_answer_once_and_only_from_its_devices(
    ambush: Ambush, stage: str
) -> None:
    ambush.until(stage)
    answers = ambush.answers()
    first = answers[ambush.order[0]]
    ambush.server.receive(first)
    signed = decode(Signed, answers[ambush.order[1]])
    stranger = SigningKey.generate()
    for bad in (
        first,
        encode(dataclasses.replace(signed, signature=bytes(64))),
        encode(dataclasses.replace(signed, sender=stranger.public)),
    ):
        with pytest.raises(ProtocolViolation):
            ambush.server.receive(bad)
    assert ambush.server.answered == 1


def test_an_advert_for_other_terms_is_refused_by_the_server(
    ambush: Ambush, federation: LocalFederation, prior: Prior, now: int
) -> None:
    elsewhere = federation.serve(federation.terms(prior, now=now), prior)
    advert = ambush.ask(elsewhere.invitation)
    with pytest.raises(ProtocolViolation, match="other terms"):
        ambush.server.receive(advert)


@pytest.mark.parametrize(
    ("stage", "change", "says"),
    [
        ("Sharing", {"parcels": ()}, "not for 9 neighbours"),
        ("Sharing", {"roster_hash": bytes(32)}, "another roster"),
        ("Masking", {"values": bytes(8)}, "8 bytes"),
        ("Agreeing", {"bitmap": b"\x01\x00"}, "other survivors"),
        ("Opening", {"shares": ()}, "0 shares"),
    ],
)
def test_an_answer_that_does_not_fit_is_refused_by_the_server(
    ambush: Ambush, stage: str, change: dict[str, object], says: str
) -> None:
    from homeward_federated.messages import Agreement, Shares, Unmasking

    kinds: dict[str, Any] = {
        "Sharing": Shares,
        "Masking": Masked,
        "Agreeing": Agreement,
        "Opening": Unmasking,
    }
    ambush.until(stage)
    honest = decode(Signed, ambush.answers()[ambush.order[0]])
    message = dataclasses.replace(decode(kinds[stage], honest.body), **change)
    with pytest.raises(ProtocolViolation, match=says):
        ambush.server.receive(seal(ambush.by_key[ambush.order[0]].identity, message))
    assert ambush.server.answered == 0


def test_one_device_that_lies_about_clipping_spoils_the_round_visibly(ambush: Ambush) -> None:
    ambush.until("Masking")
    answers = ambush.answers()
    liar = ambush.by_key[ambush.order[0]]
    honest = decode(Masked, decode(Signed, answers[ambush.order[0]]).body)
    words = np.frombuffer(honest.values, "<u4") + np.uint32(1 << 30)
    answers[ambush.order[0]] = seal(
        liar.identity, dataclasses.replace(honest, values=words.astype("<u4").tobytes())
    )
    for answer in answers.values():
        ambush.server.receive(answer)
    ambush.questions = ambush.server.close()
    ambush.until("Opening")
    for answer in ambush.answers().values():
        ambush.server.receive(answer)
    with pytest.raises(RoundSpoiled, match="honest devices stay under"):
        ambush.server.close()


# --- what the protocol does not stop ----------------------------------------------------------


def test_a_cohort_minus_one_is_charged_for_both_rounds(
    federation: LocalFederation, prior: Prior, now: int
) -> None:
    # Two legal rounds, with and without the victim: their difference is the victim plus the noise
    # of both. Nothing refuses it; each device pays for each round, and only noise hides it.
    allowance = Allowance(rounds_per_day=9, seconds_between_rounds=0)
    federation = dataclasses.replace(federation, allowance=allowance)
    members = federation.enrol(10)
    costs = []
    for present in (members, members[1:]):
        terms = federation.terms(prior, now=now)
        devices = {m.identity.public: federation.device(m, np.zeros(8)) for m in present}
        run_round(federation.serve(terms, prior), devices, now=now)
        costs.append([spent(federation.ledgers[m.identity.public].entries(), since=0)
                      for m in members])  # fmt: skip
    assert costs[0] == [1 / 32] * 10
    assert costs[1] == [1 / 32] + [2 / 32] * 9


def test_an_exhausted_device_makes_no_keys(
    federation: LocalFederation, prior: Prior, terms: Terms, now: int
) -> None:
    frugal = dataclasses.replace(federation, allowance=Allowance(epsilon_per_year=0.5))
    ambush = Ambush(frugal, prior, terms, now)
    refused(ambush, ambush.server.invitation, BudgetExhausted, "epsilon")
    assert ambush.victim.stage == "Invited"


# --- what is left behind ----------------------------------------------------------------------


def reachable(root: object) -> set[int]:
    """The ids of everything that `root` holds on to, short of modules and classes."""
    seen: dict[int, object] = {}
    stack = [root]
    while stack:
        item = stack.pop()
        if id(item) in seen or isinstance(item, type | type(os) | type(reachable)):
            continue
        seen[id(item)] = item
        stack.extend(gc.get_referents(item))
    return set(seen)


def test_keys_are_dropped_with_the_stage_that_used_them_last(ambush: Ambush) -> None:
    ambush.until("Sharing")
    advertised = ambush.victim._state
    secrets = {name: getattr(advertised, name) for name in ("parcel", "mask")}
    answer = ambush.answers()
    dealt = ambush.victim._state
    secrets["seed"], secrets["links"] = dealt.seed, dealt.links  # type: ignore[union-attr]
    assert id(secrets["parcel"]) not in reachable(ambush.victim)
    assert id(secrets["mask"]) in reachable(ambush.victim)
    for item in answer.values():
        ambush.server.receive(item)
    ambush.questions = ambush.server.close()
    ambush.until("Agreeing")
    sent = reachable(ambush.victim)
    assert not sent & {id(value) for value in secrets.values()}
    held = ambush.victim._state.held  # type: ignore[union-attr]
    ambush.until("Opening").answers()
    assert id(held) in sent
    assert id(held) not in reachable(ambush.victim)


def test_nothing_secret_is_printed_or_logged(
    ambush: Ambush, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.DEBUG)
    shown = io.StringIO()
    secrets = [ambush.by_key[ambush.order[0]].identity.expose()]
    while ambush.server.stage != "Finished":
        state = ambush.victim._state
        keys = [getattr(state, name) for name in ("parcel", "mask") if hasattr(state, name)]
        secrets.extend(key.private_bytes_raw() for key in keys)
        secrets.extend([state.seed] if hasattr(state, "seed") else [])
        print(repr(state), str(state), repr(ambush.victim), file=shown)
        for answer in ambush.answers().values():
            ambush.server.receive(answer)
        ambush.questions = ambush.server.close()
    assert len(secrets) >= 5
    text = shown.getvalue() + caplog.text
    assert not any(secret.hex() in text or repr(secret)[2:-1] in text for secret in secrets)
    assert "0.1" not in text


def test_every_device_sends_the_same_number_of_bytes_whatever_its_group_and_vector(
    federation: LocalFederation, prior: Prior, terms: Terms, now: int
) -> None:
    rng = np.random.default_rng(3)
    members = federation.enrol(10)
    vectors = [rng.normal(size=8) * scale for scale in (0, 1e-9, 0.1, 1, 10, 1e3, 0, 1, 2, 3)]
    devices = {m.identity.public: federation.device(m, v)
               for m, v in zip(members, vectors, strict=True)}  # fmt: skip
    server = federation.serve(terms, prior)
    questions = dict.fromkeys(devices, server.invitation)
    while questions:
        answers = {k: devices[k].receive(q, now=now) for k, q in questions.items()}
        assert len({len(answer) for answer in answers.values()}) == 1
        assert len({len(question) for question in questions.values()}) == 1
        for answer in answers.values():
            server.receive(answer)
        questions = server.close()


def test_a_device_that_refuses_only_counts_as_dropped(ambush: Ambush, now: int) -> None:
    refusals: list[Refusal] = []
    spent_out = ambush.order[0]
    ambush.ask(ambush.server.invitation)
    opened = run_round(ambush.server, ambush.devices, now=now, on_refusal=refusals.append)
    assert opened.survivors == 9
    assert {r.device for r in refusals} == {spent_out}
