"""The privacy budget is spent in two steps, by task, and never beyond what was granted."""

from collections.abc import Callable, Sequence
from dataclasses import replace

import pytest

from homeward_store import (
    BudgetExceeded,
    Category,
    ConsentRequired,
    NotFound,
    Profile,
    Purpose,
    Reservation,
    Settlement,
)


def test_spending_is_reserved_before_and_settled_after(
    profile: Profile, reopen: Callable[[], Profile]
) -> None:
    spending = profile.spending
    spending.set_budget("default", 1.0)
    first = spending.reserve("default", 0.6, run="one")
    assert spending.spent("default") == 0.6
    spending.settle(first, 0.5, details={"by": "test"})
    assert spending.spent("default") == 0.5
    second = spending.reserve("default", 0.5, run="two")
    with pytest.raises(BudgetExceeded):
        spending.reserve("default", 0.01, run="three")
    again = reopen().spending
    assert again.spent("default") == 1.0
    assert [one.settled for one in again.reservations()] == [Settlement(0.5, {"by": "test"}), None]
    assert again.reservations()[1].number == second.number


def test_each_budget_is_spent_alone(profile: Profile) -> None:
    for name in ("one", "two"):
        profile.spending.set_budget(name, 1.0)
        profile.spending.reserve(name, 0.7, run="r")
    assert profile.spending.spent("one") == profile.spending.spent("two") == 0.7


def test_without_a_budget_nothing_may_be_spent(profile: Profile) -> None:
    profile.spending.set_budget("other", 1.0)
    with pytest.raises(BudgetExceeded):
        profile.spending.reserve("default", 0.01, run="r")
    assert profile.spending.spent("default") == 0.0


def test_a_run_is_settled_once_and_never_for_more(profile: Profile) -> None:
    spending = profile.spending
    spending.set_budget("default", 1.0)
    run = spending.reserve("default", 0.5, run="r")
    with pytest.raises(ValueError, match="more than was reserved"):
        spending.settle(run, 0.6)
    spending.settle(run, 0.1)
    with pytest.raises(ValueError, match="before"):
        spending.settle(run, 0.1)
    unknown = replace(run, number=99)
    with pytest.raises(NotFound):
        spending.settle(unknown, 0.1)


def test_whoever_accounts_for_a_run_sees_all_before_and_can_refuse(profile: Profile) -> None:
    spending = profile.spending
    spending.set_budget("default", 1.0)
    spending.reserve("default", 0.25, run="one", details={"round": 1})

    def refuse(before: Sequence[Reservation]) -> None:
        assert [one.details for one in before] == [{"round": 1}]
        raise BudgetExceeded("one round a day")

    with pytest.raises(BudgetExceeded, match="one round a day"):
        spending.reserve("default", 0.25, run="two", check=refuse)
    assert spending.spent("default") == 0.25


def test_consent_to_contribute_is_given_for_one_task(profile: Profile) -> None:
    consent = profile.consent
    consent.grant(Purpose.CONTRIBUTE, Category.NOTES, shown="May I?", task="taste")
    assert consent.allows(Purpose.CONTRIBUTE, Category.NOTES, task="taste")
    assert not consent.allows(Purpose.CONTRIBUTE, Category.NOTES, task="other")
    assert profile.reading_for(Purpose.CONTRIBUTE, task="taste").notes.all() == []
    with pytest.raises(ConsentRequired):
        profile.reading_for(Purpose.CONTRIBUTE, task="other").notes.all()
    consent.withdraw(Purpose.CONTRIBUTE, task="taste")
    with pytest.raises(ConsentRequired):
        profile.reading_for(Purpose.CONTRIBUTE, task="taste").notes.all()
    for purpose, task in ((Purpose.CONTRIBUTE, ""), (Purpose.LEARN, "taste")):
        with pytest.raises(ValueError, match="with task"):
            consent.grant(purpose, Category.NOTES, shown="May I?", task=task)


@pytest.mark.parametrize("rho", [-1, float("inf"), float("nan")])
def test_what_is_no_cost_is_refused(profile: Profile, rho: float) -> None:
    with pytest.raises(ValueError, match="not a privacy cost"):
        profile.spending.set_budget("default", rho)
