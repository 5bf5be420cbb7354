"""Every ledger of rounds keeps the same promises: in memory, in files, in the encrypted profile."""

from collections.abc import Callable
from pathlib import Path

import pytest

from homeward.federation.budget_ledger import BUDGET, ProfileLedger
from homeward_federated import BudgetExhausted, OutOfOrder
from homeward_federated.privacy.accounting import rho
from homeward_federated.privacy.budget import (
    Allowance,
    BudgetEntry,
    BudgetLedger,
    MemoryLedger,
    Step,
    abandon,
    counted,
    mark_sent,
    reserve,
    spent,
)
from homeward_federated.privacy.budget_file import FileLedger
from homeward_store import Profile

GENEROUS = Allowance(1e6, 1e6, rounds_per_day=1000, seconds_between_rounds=0)


def in_memory(_: Path, __: Profile) -> BudgetLedger:
    return MemoryLedger()


def in_files(path: Path, _: Profile) -> BudgetLedger:
    return FileLedger(path / "ledger", key=bytes(32))


def in_the_profile(_: Path, profile: Profile) -> BudgetLedger:
    profile.spending.set_budget(BUDGET, 10.0)
    return ProfileLedger(profile)


@pytest.fixture(params=[in_memory, in_files, in_the_profile], ids=lambda kind: kind.__name__)
def ledger(request: pytest.FixtureRequest, tmp_path: Path, tmp_profile: Profile) -> BudgetLedger:
    kind: Callable[[Path, Profile], BudgetLedger] = request.param
    return kind(tmp_path, tmp_profile)


def entry(number: int, *, at: int = 1_800_000_000) -> BudgetEntry:
    terms = bytes([number]) * 32
    return BudgetEntry(
        at + number, "replies", number.to_bytes(16, "big"), terms, "code", 4.0, 1.0, rho(4.0),
        Step.RESERVED,
    )  # fmt: skip


def test_entries_come_back_as_they_were_and_in_order(ledger: BudgetLedger) -> None:
    reserve(ledger, entry(1), allowance=GENEROUS)
    reserve(ledger, entry(2), allowance=GENEROUS)
    mark_sent(ledger, entry(1), now=1_800_000_010)
    abandon(ledger, entry(2), now=1_800_000_011)
    entries = list(ledger.entries())
    assert entries[:2] == [entry(1), entry(2)]
    assert [(one.step, one.at) for one in entries[2:]] == [
        (Step.SENT, 1_800_000_010),
        (Step.ABANDONED, 1_800_000_011),
    ]
    assert counted(entries) == [entry(1)]
    assert spent(entries, since=0) == rho(4.0)


def test_a_refused_check_appends_nothing(ledger: BudgetLedger) -> None:
    reserve(ledger, entry(1), allowance=GENEROUS)
    with pytest.raises(OutOfOrder):
        reserve(ledger, entry(1), allowance=GENEROUS)
    with pytest.raises(BudgetExhausted):
        reserve(ledger, entry(2), allowance=Allowance(epsilon_per_year=1.2))
    assert list(ledger.entries()) == [entry(1)]


def test_what_was_sent_is_not_given_back(ledger: BudgetLedger) -> None:
    reserve(ledger, entry(1), allowance=GENEROUS)
    mark_sent(ledger, entry(1), now=1_800_000_010)
    with pytest.raises(OutOfOrder):
        abandon(ledger, entry(1), now=1_800_000_011)
    assert spent(ledger.entries(), since=0) == rho(4.0)


def test_without_a_budget_a_profile_spends_nothing(tmp_profile: Profile) -> None:
    with pytest.raises(BudgetExhausted, match="more than federation has left"):
        reserve(ProfileLedger(tmp_profile), entry(1), allowance=GENEROUS)
    tmp_profile.spending.set_budget(BUDGET, 10.0)
    reserve(ProfileLedger(tmp_profile), entry(1), allowance=GENEROUS)
    tmp_profile.accept_rollback()
    with pytest.raises(BudgetExhausted):
        reserve(ProfileLedger(tmp_profile), entry(2), allowance=GENEROUS)
