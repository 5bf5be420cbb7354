"""This module has what all states of a device's round share."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import ClassVar, Protocol

import numpy as np
from numpy.typing import NDArray

from homeward_federated.enrolment.membership import Membership
from homeward_federated.errors import OutOfOrder, TermsRefused
from homeward_federated.priors.published_prior import PublishedPrior
from homeward_federated.privacy.budget import BudgetEntry, BudgetLedger
from homeward_federated.rounds.stage_names import DeviceStage
from homeward_federated.wire.messages import Terms

# Given the prior of the round, the person's own vector: (dims,) float64.
Contribution = Callable[[PublishedPrior], NDArray[np.float64]]


class State(Protocol):
    """How far a device is in a round."""

    STAGE: ClassVar[DeviceStage]

    def answer(self, data: bytes, *, now: int) -> tuple["State", bytes]:
        """Return the next state and the answer to the server's message, or raise."""
        ...


@dataclass(frozen=True, slots=True, eq=False, repr=False)
class RoundContext:
    """The values of a round that never change after the invitation is accepted."""

    membership: Membership
    ledger: BudgetLedger
    contribution: Contribution
    terms: Terms
    prior: PublishedPrior
    entry: BudgetEntry

    def check_open(self, now: int) -> None:
        """Raise `OutOfOrder` once the round's time is over."""
        if now >= self.terms.closes_at:
            raise OutOfOrder(f"the round closed at {self.terms.closes_at}")

    def check_size(self, devices: int) -> None:
        """Raise `TermsRefused` for fewer devices than the terms promise, or more than they ask."""
        if not self.terms.min_cohort <= devices <= self.terms.max_cohort:
            least, most = self.terms.min_cohort, self.terms.max_cohort
            raise TermsRefused(f"a cohort of {devices} where the terms promise {least} to {most}")


@dataclass(frozen=True, slots=True, eq=False, repr=False)
class Over:
    """The round has ended for this device; nothing of it is left."""

    STAGE: ClassVar = DeviceStage.OVER

    def answer(self, data: bytes, *, now: int) -> tuple[State, bytes]:  # noqa: ARG002
        """
        Refuse everything.

        Raises:
            OutOfOrder: always.
        """
        raise OutOfOrder("the round is over")
