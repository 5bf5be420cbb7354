"""
The budget ledger decides whether this device may spend more privacy budget.

The rules are here; where entries are kept is the `BudgetLedger`'s business. A round is reserved
before any byte of it leaves and is marked sent before the masked vector leaves. What was sent is
never refunded, and what was only reserved counts until it is abandoned: a crash costs budget, never
privacy.
"""

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, replace
from enum import StrEnum
from typing import Protocol

from homeward_federated.errors import BudgetExhausted, LedgerDamaged, OutOfOrder
from homeward_federated.privacy.accounting import epsilon

DAY_SECONDS = 86_400
YEAR_SECONDS = 365 * DAY_SECONDS
# Clocks are corrected by a few minutes; more backwards than this would reopen spent years.
_CLOCK_SLACK_SECONDS = 300


class Step(StrEnum):
    """How far a round went."""

    RESERVED = "reserved"
    SENT = "sent"
    ABANDONED = "abandoned"


@dataclass(frozen=True, slots=True)
class BudgetEntry:
    """One line of the ledger."""

    at: int  # unix seconds
    task: str
    round_id: bytes
    terms_hash: bytes
    code: str
    noise_multiplier: float
    clip: float
    rho: float
    step: Step


Check = Callable[[Sequence[BudgetEntry]], None]


class BudgetLedger(Protocol):
    """An append-only record that survives crashes and shows when it was changed."""

    def entries(self) -> Sequence[BudgetEntry]:
        """Return all entries, oldest first, or raise `LedgerDamaged`."""
        ...

    def append(self, entry: BudgetEntry, *, check: Check) -> None:
        """
        Run `check` on all entries, then append `entry`, as one step and durably.

        What `check` raises passes through, and nothing is appended.
        """
        ...


@dataclass(frozen=True, slots=True)
class Allowance:
    """
    What the person allows, over all tasks of this profile together.

    A round counts to the pace from when it begins, also if it is abandoned: a server that breaks
    rounds off must not be able to ask as often as it likes. Of the epsilon it gives all back.
    """

    epsilon_per_year: float = 4.0
    epsilon_lifetime: float = 12.0
    delta: float = 1e-6
    rounds_per_day: int = 1
    seconds_between_rounds: int = 3600


def spent(entries: Iterable[BudgetEntry], *, since: int) -> float:
    """Return the rho of all rounds begun at or after `since` and not abandoned."""
    return sum(entry.rho for entry in counted(entries) if entry.at >= since)


def counted(entries: Iterable[BudgetEntry]) -> list[BudgetEntry]:
    """Return the reservations that count, oldest first."""
    entries = list(entries)
    abandoned = {e.round_id for e in entries if e.step is Step.ABANDONED}
    return [e for e in entries if e.step is Step.RESERVED and e.round_id not in abandoned]


def reserve(ledger: BudgetLedger, entry: BudgetEntry, *, allowance: Allowance) -> None:
    """
    Reserve the round that `entry` names, durably.

    Raises:
        BudgetExhausted: it would exceed the yearly or lifetime epsilon, or come too soon.
        OutOfOrder: this round was reserved before: a replay.
        LedgerDamaged: the ledger is not whole, or the clock went backwards.
    """
    ledger.append(entry, check=lambda entries: _check(entries, entry, allowance))


def _check(entries: Sequence[BudgetEntry], entry: BudgetEntry, allowance: Allowance) -> None:
    if entries and entry.at < entries[-1].at - _CLOCK_SLACK_SECONDS:
        raise LedgerDamaged(f"the clock is {entries[-1].at - entry.at} s behind the last entry")
    if any(old.round_id == entry.round_id for old in entries):
        raise OutOfOrder("this round was begun before")
    _check_pace([old for old in entries if old.step is Step.RESERVED], entry, allowance)
    _check_budget(entries, entry, allowance)


def _check_pace(begun: Sequence[BudgetEntry], entry: BudgetEntry, allowance: Allowance) -> None:
    today = sum(old.at > entry.at - DAY_SECONDS for old in begun)
    if today >= allowance.rounds_per_day:
        raise BudgetExhausted(f"{today} rounds begun in 24 h, {allowance.rounds_per_day} allowed")
    gap = max(0, entry.at - begun[-1].at) if begun else allowance.seconds_between_rounds
    if gap < allowance.seconds_between_rounds:
        raise BudgetExhausted(f"{gap} s after the last round")


def _check_budget(entries: Sequence[BudgetEntry], entry: BudgetEntry, allowance: Allowance) -> None:
    caps = (
        ("a year", allowance.epsilon_per_year, entry.at - YEAR_SECONDS),
        ("a lifetime", allowance.epsilon_lifetime, 0),
    )
    for span, cap, since in caps:
        after = epsilon(spent(entries, since=since) + entry.rho, delta=allowance.delta)
        if after > cap:
            raise BudgetExhausted(f"epsilon {after:.2f} where {cap} is allowed in {span}")


def mark_sent(ledger: BudgetLedger, entry: BudgetEntry, *, now: int) -> None:
    """Record that the masked vector leaves now. Call it before the bytes leave."""
    ledger.append(replace(entry, at=now, step=Step.SENT), check=_require_open(entry))


def abandon(ledger: BudgetLedger, entry: BudgetEntry, *, now: int) -> None:
    """
    Give back a reservation from which no masked vector was sent.

    Raises:
        OutOfOrder: the vector was sent, or there is no such open reservation.
    """
    ledger.append(replace(entry, at=now, step=Step.ABANDONED), check=_require_open(entry))


def _require_open(entry: BudgetEntry) -> Check:
    def check(entries: Sequence[BudgetEntry]) -> None:
        steps = [old.step for old in entries if old.round_id == entry.round_id]
        if steps != [Step.RESERVED]:
            raise OutOfOrder(f"the round's ledger steps are {[str(step) for step in steps]}")

    return check


class MemoryLedger:
    """A ledger that forgets everything with the process: for simulations and tests."""

    def __init__(self) -> None:
        self._entries: list[BudgetEntry] = []

    def entries(self) -> Sequence[BudgetEntry]:
        """Return all entries, oldest first."""
        return tuple(self._entries)

    def append(self, entry: BudgetEntry, *, check: Check) -> None:
        """Append after `check`."""
        check(self.entries())
        self._entries.append(entry)

    def forget_after(self, count: int) -> None:
        """Drop all but the first `count` entries: what a real ledger makes impossible."""
        del self._entries[count:]
