"""
What malicious devices try against the server, what no protocol stops, and what is left behind.

The attacks on one device are in test_attacks; docs/federation/attacks.md lists all of them.
"""

import dataclasses
import gc
import io
import logging
import os
from typing import Any

import numpy as np
import pytest
from tests.federated.ambush import Ambush, refused

from homeward_federated import (
    BudgetExhausted,
    OutOfOrder,
    ProtocolViolation,
    RoundSpoiled,
)
from homeward_federated.priors.published_prior import PublishedPrior
from homeward_federated.privacy.budget import Allowance, spent
from homeward_federated.secure_aggregation.identity import SigningKey, seal
from homeward_federated.simulation.cohorts import LocalFederation, Refusal, run_round
from homeward_federated.wire.envelope import decode, encode
from homeward_federated.wire.messages import (
    Masked,
    Signed,
    Terms,
)

# --- against the server -----------------------------------------------------------------------


def test_a_straggler_is_not_kept(ambush: Ambush) -> None:
    ambush.until("Masking")
    late, *others = ambush.answers().values()
    for answer in others:
        ambush.server.receive(answer)
    ambush.server.close()
    with pytest.raises(OutOfOrder, match="does not wait"):
        ambush.server.receive(late)


@pytest.mark.parametrize(
    "stage", ["Inviting", "Revealing", "Sharing", "Masking", "Agreeing", "Opening"]
)
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


def test_a_commitment_for_other_terms_is_refused_by_the_server(
    ambush: Ambush, federation: LocalFederation, prior: PublishedPrior, now: int
) -> None:
    elsewhere = federation.serve(federation.terms(prior, now=now), prior)
    commitment = ambush.ask(elsewhere.invitation)
    with pytest.raises(ProtocolViolation, match="other terms"):
        ambush.server.receive(commitment)


@pytest.mark.parametrize(
    ("stage", "change", "says"),
    [
        ("Sharing", {"parcels": ()}, "not for 9 peers"),
        ("Sharing", {"roster_hash": bytes(32)}, "another roster"),
        ("Masking", {"values": bytes(8)}, "8 bytes"),
        ("Agreeing", {"bitmap": b"\x01\x00"}, "other survivors"),
        ("Opening", {"shares": ()}, "0 shares"),
    ],
)
def test_an_answer_that_does_not_fit_is_refused_by_the_server(
    ambush: Ambush, stage: str, change: dict[str, object], says: str
) -> None:
    from homeward_federated.wire.messages import Agreement, Shares, Unmasking

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
    federation: LocalFederation, prior: PublishedPrior, now: int
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
    federation: LocalFederation, prior: PublishedPrior, terms: Terms, now: int
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
    secrets["seed"], secrets["links"] = dealt.seed, dealt.links  # type: ignore[attr-defined]
    assert id(secrets["parcel"]) not in reachable(ambush.victim)
    assert id(secrets["mask"]) in reachable(ambush.victim)
    for item in answer.values():
        ambush.server.receive(item)
    ambush.questions = ambush.server.close()
    ambush.until("Agreeing")
    sent = reachable(ambush.victim)
    assert not sent & {id(value) for value in secrets.values()}
    held = ambush.victim._state.held  # type: ignore[attr-defined]
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
        secrets.extend(key.expose() for key in keys)
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
    federation: LocalFederation, prior: PublishedPrior, terms: Terms, now: int
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
