"""What was sent is spent, and what is spent is never given back."""

from dataclasses import replace

import pytest

from homeward_federated import BudgetExhausted, LedgerDamaged, OutOfOrder
from homeward_federated.privacy.accounting import epsilon, rho
from homeward_federated.privacy.budget import (
    DAY_SECONDS,
    YEAR_SECONDS,
    Allowance,
    BudgetEntry,
    MemoryLedger,
    Step,
    abandon,
    mark_sent,
    reserve,
    spent,
)

START = 1_800_000_000
GENEROUS = Allowance(1e6, 1e6, rounds_per_day=1000, seconds_between_rounds=0)


def entry(number: int, *, at: int = START, noise_multiplier: float = 4.0) -> BudgetEntry:
    return BudgetEntry(
        at,
        "taste",
        number.to_bytes(16, "big"),
        bytes(32),
        "taste-1",
        noise_multiplier,
        1.0,
        rho(noise_multiplier),
        Step.RESERVED,
    )


def test_the_yearly_epsilon_is_never_exceeded_and_comes_back_after_a_year() -> None:
    ledger, allowance = MemoryLedger(), Allowance(epsilon_per_year=4.0, epsilon_lifetime=100.0)
    for day in range(9):
        reserve(ledger, entry(day, at=START + day * DAY_SECONDS), allowance=allowance)
    assert epsilon(spent(ledger.entries(), since=0), delta=1e-6) <= 4.0
    with pytest.raises(BudgetExhausted, match=r"epsilon 4.01 where 4.0 is allowed in a year"):
        reserve(ledger, entry(9, at=START + 9 * DAY_SECONDS), allowance=allowance)
    assert len(ledger.entries()) == 9
    reserve(ledger, entry(9, at=START + YEAR_SECONDS + 1), allowance=allowance)


def test_the_lifetime_epsilon_does_not_come_back() -> None:
    ledger, allowance = MemoryLedger(), Allowance(epsilon_per_year=2.0, epsilon_lifetime=2.0)
    for years in (0, 2):
        reserve(ledger, entry(years, at=START + years * YEAR_SECONDS), allowance=allowance)
    with pytest.raises(BudgetExhausted, match="a lifetime"):
        reserve(ledger, entry(9, at=START + 9 * YEAR_SECONDS), allowance=allowance)


def test_rounds_are_spaced() -> None:
    ledger, allowance = MemoryLedger(), Allowance(rounds_per_day=2, seconds_between_rounds=100)
    reserve(ledger, entry(0), allowance=allowance)
    with pytest.raises(BudgetExhausted, match="99 s after"):
        reserve(ledger, entry(1, at=START + 99), allowance=allowance)
    reserve(ledger, entry(1, at=START + 100), allowance=allowance)
    with pytest.raises(BudgetExhausted, match="2 rounds begun in 24 h"):
        reserve(ledger, entry(2, at=START + 1000), allowance=allowance)


def test_a_server_that_breaks_rounds_off_asks_no_more_often() -> None:
    ledger, allowance = MemoryLedger(), Allowance(rounds_per_day=1, seconds_between_rounds=100)
    reserve(ledger, entry(0), allowance=allowance)
    abandon(ledger, entry(0), now=START + 1)
    assert spent(ledger.entries(), since=0) == 0
    with pytest.raises(BudgetExhausted, match="1 rounds begun in 24 h"):
        reserve(ledger, entry(1, at=START + 1000), allowance=allowance)
    reserve(ledger, entry(1, at=START + DAY_SECONDS), allowance=allowance)


def test_a_round_is_begun_once() -> None:
    ledger = MemoryLedger()
    reserve(ledger, entry(0), allowance=GENEROUS)
    with pytest.raises(OutOfOrder, match="begun before"):
        reserve(ledger, entry(0), allowance=GENEROUS)
    abandon(ledger, entry(0), now=START)
    with pytest.raises(OutOfOrder, match="begun before"):
        reserve(ledger, entry(0), allowance=GENEROUS)


def test_only_an_unsent_round_is_given_back() -> None:
    ledger = MemoryLedger()
    reserve(ledger, entry(0), allowance=GENEROUS)
    reserve(ledger, entry(1), allowance=GENEROUS)
    mark_sent(ledger, entry(0), now=START)
    abandon(ledger, entry(1), now=START)
    with pytest.raises(OutOfOrder, match="sent"):
        abandon(ledger, entry(0), now=START)
    with pytest.raises(OutOfOrder, match="abandoned"):
        mark_sent(ledger, entry(1), now=START)
    with pytest.raises(OutOfOrder, match=r"\[\]"):
        mark_sent(ledger, entry(2), now=START)
    assert spent(ledger.entries(), since=0) == rho(4.0)


def test_a_clock_that_went_backwards_stops_spending() -> None:
    ledger = MemoryLedger()
    reserve(ledger, entry(0), allowance=GENEROUS)
    reserve(ledger, entry(1, at=START - 300), allowance=GENEROUS)
    with pytest.raises(LedgerDamaged, match="clock"):
        reserve(ledger, replace(entry(2), at=START - 900), allowance=GENEROUS)
