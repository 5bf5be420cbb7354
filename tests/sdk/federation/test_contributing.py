"""A round of a real profile: reserved before a byte leaves, never refunded, stopped by any no."""

from collections.abc import Callable
from dataclasses import replace
from functools import partial

import numpy as np
import pytest
from tests.sdk.federation.conftest import choose_short
from tests.sdk.federation.test_joining import join
from tests.sdk.federation.town import Town

from homeward.assistant import Assistant
from homeward.federation import Participation, federation
from homeward.federation.budget_ledger import BUDGET
from homeward.taste.posterior import Comparisons
from homeward_federated import (
    BudgetExhausted,
    LedgerDamaged,
    NothingToShare,
    NotJoined,
    TermsRefused as Refused,
)
from homeward_federated.priors.published_prior import PublishedPrior
from homeward_federated.privacy.accounting import rho
from homeward_federated.privacy.budget import Allowance
from homeward_federated.transport.client_loop import take_part
from homeward_store import Purpose, Selection
from homeward_store.consent.ledger import Ledger


def test_a_round_takes_the_persons_numbers_and_charges_it(me: Assistant, town: Town) -> None:
    join(me, town)
    town.invite()
    assert me.federation.contribute("replies", link=town) is Participation.WHOLE
    assert town.opened is not None
    assert town.opened.survivors == 8
    spent = me.federation.spent()
    assert spent.rounds == 1
    assert spent.epsilon_of_the_year == spent.epsilon_in_all == pytest.approx(1.14, abs=0.01)
    assert me.profile.spending.spent(BUDGET) == rho(4.0)
    [run] = me.profile.spending.reservations()
    assert (run.details["task"], run.details["noise_multiplier"]) == ("replies", 4.0)


def test_what_enters_the_sum_is_what_the_preview_showed(
    me: Assistant, town: Town, monkeypatch: pytest.MonkeyPatch
) -> None:
    join(me, town)
    shown = me.federation.preview(town.offer())
    monkeypatch.setattr(
        "homeward_federated.rounds.contributing.discrete_gaussian",
        lambda _, size: np.zeros(size, np.int64),
    )
    town.invite()
    me.federation.contribute("replies", link=town)
    assert town.opened is not None
    summed = town.opened.sums.everyone
    assert np.allclose(summed, shown.difference, atol=2 / town.federation.policy.scale)


def test_a_choice_that_is_forgotten_while_numbers_are_computed_is_not_in_them(
    me: Assistant, town: Town, monkeypatch: pytest.MonkeyPatch
) -> None:
    join(me, town)
    choose_short(me, 3)
    federation, sizes = me.federation, list[int]()
    computed = federation._contribution._weights

    def forget_once(data: Comparisons, start: PublishedPrior) -> dict[str, float]:
        sizes.append(len(data))
        if len(sizes) == 1:
            me.profile.forget(Selection(choices=(me.profile.choices.all()[0].id,)))
        return computed(data, start)

    monkeypatch.setattr(federation._contribution, "_weights", forget_once)
    town.invite()
    assert federation.contribute("replies", link=town) is Participation.WHOLE
    assert sizes == [15, 14]


def test_a_withdrawn_consent_to_contribute_leaves_the_task(me: Assistant, town: Town) -> None:
    join(me, town)
    consent = me.profile.consent
    assert consent.withdraw(Purpose.CONTRIBUTE, task="replies") == ("replies",)
    consent.grant(Purpose.CONTRIBUTE, shown="Again?", task="replies")
    with pytest.raises(NotJoined):
        me.federation.contribute("replies", link=town)


def test_the_reservation_is_durable_before_the_first_byte(
    me: Assistant, town: Town, monkeypatch: pytest.MonkeyPatch
) -> None:
    join(me, town)
    order: list[str] = []
    append, answer = Ledger.append, Town.answer

    def watched(ledger: Ledger, kind: str, body: dict[str, object]) -> object:
        order.append(kind)
        return append(ledger, kind, body)

    def sending(self: Town, question: object, data: bytes) -> None:
        order.append("bytes")
        answer(self, question, data)  # type: ignore[arg-type]

    monkeypatch.setattr(Ledger, "append", watched)
    monkeypatch.setattr(Town, "answer", sending)
    town.invite()
    me.federation.contribute("replies", link=town)
    assert order == ["reserved", "bytes", "bytes", "bytes", "settled", *["bytes"] * 3]


class Waits:
    """A clock that goes on only while somebody waits."""

    def __init__(self) -> None:
        self.now = 0.0

    def clock(self) -> float:
        return self.now

    def sleep(self, seconds: float) -> None:
        self.now += seconds


@pytest.fixture
def _only_silence_ends_rounds(monkeypatch: pytest.MonkeyPatch) -> None:
    """Let the stages take as long as they take on a busy machine."""
    waits = Waits()
    patient = partial(take_part, clock=waits.clock, sleep=waits.sleep)
    monkeypatch.setattr(federation, "take_part", patient)


@pytest.mark.usefixtures("_only_silence_ends_rounds")
@pytest.mark.parametrize(
    ("stage", "part", "cost"),
    [
        ("Inviting", Participation.NONE, 0.0),
        ("Revealing", Participation.NONE, 0.0),
        ("Sharing", Participation.NONE, 0.0),
        ("Masking", Participation.SENT, rho(4.0)),
        ("Agreeing", Participation.SENT, rho(4.0)),
    ],
)
def test_only_what_was_not_sent_is_given_back(
    me: Assistant, town: Town, stage: str, part: Participation, cost: float
) -> None:
    join(me, town)
    town.silent_after = stage
    town.invite()
    assert me.federation.contribute("replies", link=town, seconds=3) is part
    assert me.profile.spending.spent(BUDGET) == cost


def test_the_yearly_cap_ends_it_before_anything_leaves(me: Assistant, town: Town) -> None:
    allowance = Allowance(epsilon_per_year=1.2, rounds_per_day=9, seconds_between_rounds=0)
    offer = town.offer(allowance)
    request = me.federation.join(offer, agreed_to=offer.hash)
    me.federation.admit(town.admits(request))
    town.invite()
    me.federation.contribute("replies", link=town)
    before = town.sent
    town.invite()
    with pytest.raises(BudgetExhausted, match=r"epsilon 1\.6\d where 1\.2 is allowed in a year"):
        me.federation.contribute("replies", link=town)
    assert town.sent == before
    assert town.declined == 1


def test_the_lifetime_cap_outlives_leaving_and_joining_again(me: Assistant, town: Town) -> None:
    allowance = Allowance(4.0, 1.2, rounds_per_day=9, seconds_between_rounds=0)
    for attempt in range(2):
        offer = town.offer(allowance)
        request = me.federation.join(offer, agreed_to=offer.hash)
        me.federation.admit(town.admits(request))
        town.invite()
        if attempt:
            with pytest.raises(BudgetExhausted):
                me.federation.contribute("replies", link=town)
        else:
            assert me.federation.contribute("replies", link=town) is Participation.WHOLE
        me.federation.leave("replies")


def test_weaker_terms_are_refused_and_cost_nothing(me: Assistant, town: Town) -> None:
    join(me, town)
    weak = replace(town.federation.terms(town.prior, now=town.now), noise_multiplier=1.0)
    town.invite(weak)
    with pytest.raises(Refused, match="noise multiplier"):
        me.federation.contribute("replies", link=town)
    assert (town.sent, me.federation.spent().rounds) == (0, 0)


def test_a_withdrawn_consent_ends_it_even_with_the_keys_there(me: Assistant, town: Town) -> None:
    join(me, town)
    me.profile.consent.withdraw(Purpose.CONTRIBUTE, task="replies")
    town.invite()
    with pytest.raises(NotJoined):
        me.federation.contribute("replies", link=town)
    assert town.sent == 0


def test_a_consent_that_is_withdrawn_in_the_middle_of_a_round_ends_it(
    me: Assistant, town: Town, monkeypatch: pytest.MonkeyPatch
) -> None:
    join(me, town)
    answer = Town.answer

    def withdrawing(self: Town, question: object, data: bytes) -> None:
        answer(self, question, data)  # type: ignore[arg-type]
        me.profile.consent.withdraw(Purpose.CONTRIBUTE, task="replies")

    monkeypatch.setattr(Town, "answer", withdrawing)
    town.invite()
    assert me.federation.contribute("replies", link=town, seconds=0.5) is Participation.NONE
    assert town.opened is None
    assert me.profile.spending.spent(BUDGET) == 0.0


def test_who_has_chosen_too_little_spends_nothing(
    open_assistant: Callable[[], Assistant], town: Town
) -> None:
    me = open_assistant()
    choose_short(me, 7)
    join(me, town)
    town.invite()
    with pytest.raises(NothingToShare, match="7 choices, 8 needed"):
        me.federation.contribute("replies", link=town)
    assert town.sent == 0


def test_a_device_that_its_own_coin_keeps_out_stays_silent(me: Assistant, town: Town) -> None:
    join(me, town)
    town.invite()
    assert me.federation.contribute("replies", link=town, share=0.0) is Participation.NONE
    assert (town.sent, town.declined) == (0, 0)


def test_a_profile_that_was_rolled_back_contributes_nothing(
    me: Assistant, town: Town, open_assistant: Callable[[], Assistant]
) -> None:
    join(me, town)
    me.profile._database.checkpoint()
    old = {path: path.read_bytes() for path in me.profile.path.glob("store-*.db")}
    town.invite()
    me.federation.contribute("replies", link=town)
    sent = town.sent
    me.close()
    for path, data in old.items():
        path.write_bytes(data)
    back = open_assistant()
    town.invite()
    with pytest.raises(LedgerDamaged):
        back.federation.contribute("replies", link=town)
    assert town.sent == sent
