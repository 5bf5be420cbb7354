"""
What privacy has cost so far: reserve before a run, settle after it. Knows no mechanism.

A reservation is on the disk before anything leaves the device; a crash leaves it spent. Budgets and
costs are differential-privacy parameters as the caller accounts them; here they are summed.
"""

from dataclasses import dataclass
from datetime import datetime

from homeward_store.database import Database
from homeward_store.errors import BudgetExceeded, NotFound
from homeward_store.ledger import Entry, Ledger
from homeward_store.records import checked

_BUDGET, _RESERVED, _SETTLED, _ROLLBACK = "budget", "reserved", "settled", "rollback"
_ROUNDING = 1e-9  # of a sum of a few thousand doubles


@dataclass(frozen=True, slots=True)
class Cost:
    """An (epsilon, delta) pair."""

    epsilon: float
    delta: float = 0.0

    def __post_init__(self) -> None:
        if not (0 <= self.epsilon < float("inf") and 0 <= self.delta < 1):
            raise ValueError(f"not a privacy cost: epsilon {self.epsilon}, delta {self.delta}")

    def __add__(self, other: "Cost") -> "Cost":
        return Cost(self.epsilon + other.epsilon, min(self.delta + other.delta, 1 - 1e-16))

    def within(self, other: "Cost") -> bool:
        """Whether neither number is larger, up to rounding."""
        return self.epsilon <= other.epsilon * (1 + _ROUNDING) and self.delta <= other.delta * (
            1 + _ROUNDING
        )


@dataclass(frozen=True, slots=True)
class Reservation:
    """What a run may cost; counts as spent until it is settled for less."""

    number: int
    budget: str
    run: str
    cost: Cost
    at: datetime
    settled: Cost | None


class Spending:
    """The privacy spending of one profile."""

    def __init__(self, database: Database, ledger: Ledger) -> None:
        self._database = database
        self._ledger = ledger

    def set_budget(self, budget: str, limit: Cost) -> None:
        """Decide how much may be spent in all. What was spent before still counts."""
        self._ledger.append(_BUDGET, {"budget": checked(budget), **_body(limit)})

    def budget(self, budget: str) -> Cost:
        """The limit; nothing at all where none was set, or since a rollback was accepted."""
        limit = Cost(0.0, 0.0)
        for entry in self._ledger.entries(_BUDGET, _ROLLBACK):
            if entry.kind == _ROLLBACK:
                limit = Cost(0.0, 0.0)
            elif entry.body["budget"] == budget:
                limit = _cost(entry)
        return limit

    def reserve(self, budget: str, cost: Cost, *, run: str) -> Reservation:
        """
        Set aside the cost of a run before it begins.

        Guarantees:
            When this returns, the reservation is on the disk and anchored.

        Raises:
            BudgetExceeded: not enough is left. RollbackDetected: what was spent is uncertain.
        """
        with self._database.transaction():
            self._ledger.verify()
            if not (self.spent(budget) + cost).within(self.budget(budget)):
                raise BudgetExceeded(f"epsilon {cost.epsilon:g} is more than {budget} has left")
            body = {"budget": checked(budget), "run": checked(run), **_body(cost)}
            entry = self._ledger.append(_RESERVED, body)
        return Reservation(entry.sequence, budget, run, cost, entry.at, None)

    def settle(self, reservation: Reservation, cost: Cost) -> None:
        """
        Record what the run really cost, at most what was reserved. Once only.

        Raises:
            ValueError: it cost more, or was settled before. NotFound: no such reservation.
        """
        if not cost.within(reservation.cost):
            raise ValueError("a run cannot cost more than was reserved for it")
        with self._database.transaction():
            known = {one.number: one for one in self.reservations()}
            if reservation.number not in known:
                raise NotFound(f"reservation {reservation.number}")
            if known[reservation.number].settled is not None:
                raise ValueError(f"reservation {reservation.number} was settled before")
            self._ledger.append(_SETTLED, {"reservation": reservation.number, **_body(cost)})

    def spent(self, budget: str) -> Cost:
        """The sum over all runs: what they cost, or what was reserved and never settled."""
        total = Cost(0.0, 0.0)
        for one in self.reservations():
            if one.budget == budget:
                total += one.cost if one.settled is None else one.settled
        return total

    def reservations(self) -> list[Reservation]:
        """Every reservation, oldest first."""
        settled = {
            entry.body["reservation"]: _cost(entry) for entry in self._ledger.entries(_SETTLED)
        }
        return [
            Reservation(
                number=entry.sequence,
                budget=entry.body["budget"],
                run=entry.body["run"],
                cost=_cost(entry),
                at=entry.at,
                settled=settled.get(entry.sequence),
            )
            for entry in self._ledger.entries(_RESERVED)
        ]

    def accept_rollback(self) -> None:
        """
        Go on after a rollback. Every budget is nothing until the person sets it again.

        What the lost entries had spent is not known any more; only the person can decide to go on.
        """
        self._ledger.append(_ROLLBACK, {})
        self._ledger.anchor_anew()


def _body(cost: Cost) -> dict[str, float]:
    return {"epsilon": cost.epsilon, "delta": cost.delta}


def _cost(entry: Entry) -> Cost:
    return Cost(entry.body["epsilon"], entry.body["delta"])
