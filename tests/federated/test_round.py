"""A round between honest devices: the sum opens whoever drops out, and nothing else does."""

import dataclasses
from collections.abc import Callable

import numpy as np
import pytest

from homeward_federated import OutOfOrder, RoundSpoiled, TooFewSurvivors
from homeward_federated.enrolment.membership import Membership
from homeward_federated.priors.published_prior import PublishedPrior
from homeward_federated.priors.round_policy import Policy
from homeward_federated.privacy.budget import Step
from homeward_federated.rounds.contributing import contribute
from homeward_federated.rounds.device import DeviceRound
from homeward_federated.rounds.server import ServerRound
from homeward_federated.secure_aggregation.identity import SigningKey, seal
from homeward_federated.simulation.cohorts import LocalFederation, Refusal, run_round
from homeward_federated.wire.envelope import decode
from homeward_federated.wire.messages import Shares, Signed, Terms, Unmasking

OpenRound = Callable[..., tuple[ServerRound, dict[bytes, DeviceRound]]]
STAGES = ("Inviting", "Revealing", "Sharing", "Masking", "Agreeing", "Opening")


def faint(federation: LocalFederation) -> LocalFederation:
    """The same federation with noise of 8 quanta, so that the sum itself can be seen."""
    policy = dataclasses.replace(federation.policy, min_noise_multiplier=20 / 65536)
    return dataclasses.replace(federation, policy=policy)


@pytest.mark.parametrize("stage", STAGES)
def test_the_opened_sum_is_that_of_the_survivors(
    federation: LocalFederation, prior: PublishedPrior, now: int, stage: str
) -> None:
    federation = faint(federation)
    terms = federation.terms(prior, now=now)
    rng = np.random.default_rng(7)
    vectors = {m: rng.normal(size=8) * 0.1 for m in federation.enrol(10)}
    keys = [m.identity.public for m in vectors]
    server = federation.serve(terms, prior)
    devices = {m.identity.public: federation.device(m, v) for m, v in vectors.items()}
    opened = run_round(server, devices, now=now, vanish={stage: keys[:2]})
    # Who vanishes after its masked vector arrived is still in the sum.
    late = stage in {"Agreeing", "Opening"}
    expected = sum(
        contribute(lambda _, v=v: v, prior, clip=1.0)  # type: ignore[misc]
        for m, v in vectors.items()
        if late or m.identity.public not in keys[:2]
    )
    assert opened.survivors == (10 if late else 8)
    assert np.allclose(opened.quanta / terms.scale, expected, atol=300 / terms.scale)


def test_the_noise_in_the_sum_is_the_promised_one_and_half_of_it_is_noticed(
    federation: LocalFederation, prior: PublishedPrior, now: int
) -> None:
    prior.live[:] = False
    for multiplier, agrees in ((4.0, True), (2.0, False), (8.0, False)):
        policy = dataclasses.replace(federation.policy, dims=512, min_noise_multiplier=multiplier)
        wide = dataclasses.replace(federation, policy=policy)
        start = PublishedPrior.blank("rehearsal", dims=512, groups=2)
        members = wide.enrol(8)
        terms = wide.terms(start, now=now)
        devices = {m.identity.public: wide.device(m, np.zeros(512)) for m in members}
        sums = run_round(wide.serve(terms, start), devices, now=now).sums
        # Eight survivors where four honest ones are promised: 4 · sqrt(8/4).
        # 1,536 samples: 2 % standard error.
        ratio = np.concatenate([sums.everyone, *sums.groups]).std() / (4.0 * np.sqrt(8 / 4))
        assert bool(abs(ratio - 1) < 0.1) is agrees


@pytest.mark.parametrize("stage", STAGES)
def test_below_the_promised_survivors_nothing_is_opened(
    open_round: OpenRound, now: int, stage: str
) -> None:
    server, devices = open_round()
    keys = sorted(devices)
    with pytest.raises((TooFewSurvivors, RoundSpoiled)):
        run_round(server, devices, now=now, vanish={stage: keys[:4]})
    with pytest.raises(OutOfOrder, match="still"):
        _ = server.opened


def test_a_cohort_opens_that_loses_a_device_at_every_stage(
    federation: LocalFederation, prior: PublishedPrior, now: int
) -> None:
    federation = faint(federation)
    terms = federation.terms(prior, now=now)
    members = federation.enrol(30)
    vector = np.full(8, 0.01)
    devices = {m.identity.public: federation.device(m, vector) for m in members}
    vanish = {stage: [key] for stage, key in zip(STAGES, sorted(devices), strict=False)}
    del vanish["Opening"]
    opened = run_round(federation.serve(terms, prior), devices, now=now, vanish=vanish)
    assert list(opened.left.values()) == [29, 28, 27, 26, 25, 25]
    assert np.isclose(opened.sums.counts.sum(), 26, atol=0.1)


def tampered(member: Membership, answer: bytes, **changes: object) -> bytes:
    """A dishonest device's own, properly signed version of its shares."""
    shares = decode(Shares, decode(Signed, answer).body)
    return seal(member.identity, dataclasses.replace(shares, **changes))  # type: ignore[arg-type]


@pytest.mark.parametrize("lie", ["seed_hash", "parcels"])
def test_a_device_that_dealt_no_sound_shares_spoils_the_round(
    federation: LocalFederation, prior: PublishedPrior, terms: Terms, now: int, lie: str
) -> None:
    members = federation.enrol(10)
    devices = {m.identity.public: federation.device(m, np.zeros(8)) for m in members}
    liar = members[0]
    server = federation.serve(terms, prior)
    lies = {"seed_hash": bytes(32), "parcels": (bytes(82),) * 9}

    def play() -> None:
        questions = dict.fromkeys(devices, server.invitation)
        while questions:
            for key, question in questions.items():
                answer = devices[key].receive(question, now=now)
                if server.stage == "Sharing" and key == liar.identity.public:
                    answer = tampered(liar, answer, **{lie: lies[lie]})
                server.receive(answer)
            questions = server.close()

    with pytest.raises(RoundSpoiled, match=r"shares of no seed|sound shares") as caught:
        play()
    # A seed that its own commitment contradicts is proof; a parcel that nobody could open is not,
    # because a holder may be the one who lies.
    assert caught.value.culprits == ({liar.identity.public} if lie == "seed_hash" else set())


def test_a_dropped_device_that_dealt_no_sound_key_shares_is_named(
    federation: LocalFederation, prior: PublishedPrior, terms: Terms, now: int
) -> None:
    members = federation.enrol(10)
    devices = {m.identity.public: federation.device(m, np.zeros(8)) for m in members}
    liar = members[0]
    server = federation.serve(terms, prior)
    other = SigningKey.generate()

    def play() -> None:
        questions = dict.fromkeys(devices, server.invitation)
        while questions:
            for key, question in questions.items():
                if server.stage == "Masking" and key == liar.identity.public:
                    continue
                state = devices[key]._state
                if server.stage == "Sharing" and key == liar.identity.public:
                    object.__setattr__(state, "mask", other)
                server.receive(devices[key].receive(question, now=now))
            questions = server.close()

    with pytest.raises(RoundSpoiled, match="no mask key") as caught:
        play()
    assert caught.value.culprits == {liar.identity.public}


def test_a_holder_that_returns_a_wrong_share_is_named_only_if_it_matters(
    federation: LocalFederation, prior: PublishedPrior, terms: Terms, now: int
) -> None:
    for liars, opens in ((2, True), (4, False)):
        members = federation.enrol(10)
        devices = {m.identity.public: federation.device(m, np.zeros(8)) for m in members}
        by_key = {m.identity.public: m for m in members}
        lying = {m.identity.public for m in members[:liars]}
        server = federation.serve(terms, prior)
        questions = dict.fromkeys(devices, server.invitation)
        while server.stage != "Opening":
            for key, question in questions.items():
                server.receive(devices[key].receive(question, now=now))
            questions = server.close()
        for key, question in questions.items():
            answer = devices[key].receive(question, now=now)
            if key in lying:
                honest = decode(Unmasking, decode(Signed, answer).body)
                wrong = dataclasses.replace(honest, shares=(b"\1" * 33,) * 9)
                answer = seal(by_key[key].identity, wrong)
            server.receive(answer)
        if opens:
            server.close()
            assert server.opened.survivors == 10
        else:
            with pytest.raises(RoundSpoiled, match="sound shares") as caught:
                server.close()
            assert caught.value.culprits <= lying
            assert caught.value.culprits


def test_the_ledger_has_each_round_as_it_went(
    federation: LocalFederation, open_round: OpenRound, now: int
) -> None:
    server, devices = open_round()
    left, dropped, *_ = sorted(devices)
    devices[left].receive(server.invitation, now=now)
    devices[left].leave(now=now)
    devices[left].leave(now=now)
    run_round(server, {k: d for k, d in devices.items() if k != left}, now=now,
              vanish={"Sharing": [dropped]})  # fmt: skip
    devices[dropped].leave(now=now)
    steps = {k: [e.step for e in federation.ledgers[k].entries()] for k in devices}
    assert steps[left] == steps[dropped] == [Step.RESERVED, Step.ABANDONED]
    others = {tuple(s) for k, s in steps.items() if k not in {left, dropped}}
    assert others == {(Step.RESERVED, Step.SENT)}


def test_a_finished_round_answers_nothing_more(open_round: OpenRound, now: int) -> None:
    server, devices = open_round()
    run_round(server, devices, now=now)
    device = next(iter(devices.values()))
    assert (server.stage, device.stage) == ("Finished", "Over")
    for call in (
        lambda: device.receive(server.invitation, now=now),
        lambda: server.receive(b""),
        server.close,
    ):
        with pytest.raises(OutOfOrder, match="over"):
            call()


def test_a_full_cohort_takes_nobody_more(
    federation: LocalFederation, prior: PublishedPrior, terms: Terms, now: int
) -> None:
    tight = dataclasses.replace(terms, max_cohort=8)
    server = federation.serve(tight, prior)
    refused: list[Refusal] = []
    devices = {m.identity.public: federation.device(m, np.zeros(8)) for m in federation.enrol(9)}
    opened = run_round(server, devices, now=now, on_refusal=refused.append)
    assert opened.survivors == 8
    assert [str(r.reason) for r in refused] == ["the cohort of 8 is full"]


def test_a_policy_is_what_the_default_promises() -> None:
    policy = Policy("taste", "taste-1", 64, 8)
    assert (policy.min_cohort, policy.min_survivors, policy.min_noise_multiplier) == (200, 140, 4.0)
    assert policy.max_colluders == 1 / 3
