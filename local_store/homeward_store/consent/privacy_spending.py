"""
Records the privacy cost so far: reserve before a run, settle after it.

A reservation is on the disk before anything leaves the device; a crash leaves it spent. Costs are
one number a run, which add up: rho of zero-concentrated differential privacy does, an epsilon does
not (docs/adr/0306-one-ledger-in-rho.md).
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from homeward_store.consent.ledger import Ledger, LedgerEntry
from homeward_store.database.database import Database
from homeward_store.errors import BudgetExceeded, InvalidValue, NotFound
from homeward_store.records import checked
from homeward_store.typed import doors

_BUDGET, _RESERVED, _SETTLED = "budget", "reserved", "settled"
_ROUNDING = 1e-9  # of a sum of a few thousand doubles

Details = Mapping[str, Any]  # JSON values, for whoever accounts for the run


@dataclass(frozen=True, slots=True)
class Settlement:
    """The outcome of a run."""

    rho: float
    details: Details


@dataclass(frozen=True, slots=True)
class Reservation:
    """The most that a run may cost. It counts as spent until the run is settled for less."""

    number: int
    budget: str
    run: str
    rho: float
    details: Details
    at: datetime
    settled: Settlement | None

    @property
    def spent(self) -> float:
        """What counts: what it cost, or what was reserved while that is open."""
        return self.rho if self.settled is None else self.settled.rho


Check = Callable[[Sequence[Reservation]], None]


def _allow(_: Sequence[Reservation]) -> None:
    """The check of a caller who has no rule beside the budget."""


@doors
class Spending:
    """Reserves and settles what runs cost of one profile's privacy budget."""

    def __init__(self, database: Database, ledger: Ledger) -> None:
        self._database = database
        self._ledger = ledger

    def set_budget(self, budget: str, rho: float) -> None:
        """
        Decide how much may be spent in all, as rho of zCDP. What was spent before still counts.

        Raises:
            InvalidValue: `rho` is negative or not finite. InvalidText: the name cannot be stored.
        """
        self._ledger.append(_BUDGET, {"budget": checked(budget), "rho": _cost(rho)})

    def budget(self, budget: str) -> float:
        """The limit; nothing at all where none was set, or since a rollback was accepted."""
        entry = self._ledger.latest(_BUDGET, budget=budget)
        stands = entry is not None and self._ledger.stands(entry)
        return float(entry.body["rho"]) if entry is not None and stands else 0.0

    def reserve(
        self,
        budget: str,
        rho: float,
        *,
        run: str,
        details: Details | None = None,
        check: Check = _allow,
    ) -> Reservation:
        """
        Set aside the cost of a run before it begins, if `check` of all reservations agrees.

        Guarantees:
            When this returns, the reservation is on the disk and anchored. Nothing comes between
            the check and the reservation; what the check raises passes through.

        Raises:
            BudgetExceeded: not enough is left. RollbackDetected: what was spent is uncertain.
            InvalidValue: `rho` is negative or not finite. InvalidText: a name cannot be stored.
        """
        with self._database.transaction():
            self._ledger.verify()
            check(self.reservations())
            if self.spent(budget) + _cost(rho) > self.budget(budget) * (1 + _ROUNDING):
                raise BudgetExceeded(f"rho {rho:g} is more than {budget} has left")
            body = {
                "budget": checked(budget),
                "run": checked(run),
                "rho": rho,
                "details": dict(details or {}),
            }
            return _reservation(self._ledger.append(_RESERVED, body), None)

    def settle(
        self, reservation: Reservation, rho: float, *, details: Details | None = None
    ) -> None:
        """
        Record what the run really cost, at most what was reserved. Once only.

        Raises:
            InvalidValue: it cost more, or was settled before. NotFound: no such reservation.
        """
        if _cost(rho) > reservation.rho * (1 + _ROUNDING):
            raise InvalidValue("a run cannot cost more than was reserved for it")
        with self._database.transaction():
            known = {one.number: one for one in self.reservations()}
            if reservation.number not in known:
                raise NotFound(f"there is no open reservation {reservation.number}")
            if known[reservation.number].settled is not None:
                raise InvalidValue(f"reservation {reservation.number} was settled before")
            body = {"reservation": reservation.number, "rho": rho, "details": dict(details or {})}
            self._ledger.append(_SETTLED, body)

    def spent(self, budget: str) -> float:
        """The sum over all runs: what they cost, or what was reserved and never settled."""
        return sum(one.spent for one in self.reservations() if one.budget == budget)

    def reservations(self) -> list[Reservation]:
        """Every reservation, oldest first."""
        settled = {
            entry.body["reservation"]: Settlement(entry.body["rho"], entry.body["details"])
            for entry in self._ledger.entries(_SETTLED)
        }
        return [
            _reservation(entry, settled.get(entry.sequence))
            for entry in self._ledger.entries(_RESERVED)
        ]


def _reservation(entry: LedgerEntry, settled: Settlement | None) -> Reservation:
    body = entry.body
    return Reservation(
        number=entry.sequence,
        budget=body["budget"],
        run=body["run"],
        rho=body["rho"],
        details=body["details"],
        at=entry.at,
        settled=settled,
    )


def _cost(rho: float) -> float:
    if not 0 <= rho < float("inf"):
        raise InvalidValue(f"not a privacy cost: rho {rho}")
    return rho
