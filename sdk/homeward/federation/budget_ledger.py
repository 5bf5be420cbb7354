"""
Implements a round's budget ledger on the profile's own ledger, which is anchored outside.

Knows how a round's steps are written as reservations; the rules are the federation's, the budget
and the chain the store's.
"""

from collections.abc import Iterator, Sequence
from typing import Any

from homeward_federated.errors import BudgetExhausted, LedgerDamaged
from homeward_federated.privacy.budget import BudgetEntry, Check, Step
from homeward_store import BudgetExceeded, Profile, Reservation, RollbackDetected

BUDGET = "federation"  # one for all tasks: what one server learns, another may know


class ProfileLedger:
    """Keeps the rounds of one profile on its ledger, as the federation's rules need them."""

    def __init__(self, profile: Profile) -> None:
        self._profile = profile

    def entries(self) -> Sequence[BudgetEntry]:
        """Return all entries, oldest first."""
        return _entries(self._profile.spending.reservations())

    def append(self, entry: BudgetEntry, *, check: Check) -> None:
        """
        Check and append as one step; on the disk and anchored before this returns.

        Raises:
            LedgerDamaged: the profile was rolled back, so what was spent is uncertain.
            BudgetExhausted: the person allowed no budget, or less. What `check` raises.
        """
        try:
            if entry.step is Step.RESERVED:
                self._reserve(entry, check)
            else:
                self._settle(entry, check)
        except RollbackDetected as error:
            raise LedgerDamaged(str(error)) from None
        except BudgetExceeded as error:
            raise BudgetExhausted(str(error)) from None

    def _reserve(self, entry: BudgetEntry, check: Check) -> None:
        self._profile.spending.reserve(
            BUDGET,
            entry.rho,
            run=entry.round_id.hex(),
            details={
                "at": entry.at,
                "task": entry.task,
                "terms_hash": entry.terms_hash.hex(),
                "code": entry.code,
                "noise_multiplier": entry.noise_multiplier,
                "clip": entry.clip,
            },
            check=lambda reservations: check(_entries(reservations)),
        )

    def _settle(self, entry: BudgetEntry, check: Check) -> None:
        spending = self._profile.spending
        with self._profile.transaction():
            reservations = spending.reservations()
            check(_entries(reservations))
            run = entry.round_id.hex()
            [open_one] = [one for one in reservations if (one.budget, one.run) == (BUDGET, run)]
            rho = entry.rho if entry.step is Step.SENT else 0.0
            spending.settle(open_one, rho, details={"at": entry.at})


def _entries(reservations: Sequence[Reservation]) -> list[BudgetEntry]:
    found = [entry for one in reservations if one.budget == BUDGET for entry in _steps(one)]
    return sorted(found, key=lambda entry: entry.at)


def _steps(one: Reservation) -> Iterator[BudgetEntry]:
    yield _entry(one, Step.RESERVED, one.details["at"])
    if one.settled is not None:
        step = Step.SENT if one.settled.rho else Step.ABANDONED
        yield _entry(one, step, one.settled.details["at"])


def _entry(one: Reservation, step: Step, at: int) -> BudgetEntry:
    details: Any = one.details
    return BudgetEntry(
        at=at,
        task=details["task"],
        round_id=bytes.fromhex(one.run),
        terms_hash=bytes.fromhex(details["terms_hash"]),
        code=details["code"],
        noise_multiplier=details["noise_multiplier"],
        clip=details["clip"],
        rho=one.rho,
        step=step,
    )
