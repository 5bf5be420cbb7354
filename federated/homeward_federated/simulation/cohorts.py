"""
Runs whole federations in one process: real devices and servers joined by function calls.

For simulations, benchmarks and tests. Knows both sides; nothing in either knows this module.
"""

import os
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field

import numpy as np
from numpy.typing import NDArray

from homeward_federated.enrolment.membership import Membership
from homeward_federated.errors import FederatedError
from homeward_federated.priors.published_prior import PublishedPrior
from homeward_federated.priors.round_policy import Policy
from homeward_federated.privacy.budget import Allowance, MemoryLedger
from homeward_federated.rounds.device import DeviceRound
from homeward_federated.rounds.server import Opened, ServerRound
from homeward_federated.secure_aggregation.identity import SigningKey, certify
from homeward_federated.wire.messages import ROUND_ID_BYTES, Terms

# Any budget: what a simulation spends protects nobody, since nobody's data is in it.
_UNLIMITED = Allowance(1e9, 1e9, rounds_per_day=1 << 30, seconds_between_rounds=0)


@dataclass(frozen=True, slots=True)
class LocalFederation:
    """An operator, an authority and enrolled devices that share one policy."""

    policy: Policy
    allowance: Allowance = _UNLIMITED
    operator: SigningKey = field(default_factory=SigningKey.generate)
    authority: SigningKey = field(default_factory=SigningKey.generate)
    ledgers: dict[bytes, MemoryLedger] = field(default_factory=dict)

    def enrol(self, count: int) -> list[Membership]:
        """Return new enrolled devices."""
        return [self._enrol() for _ in range(count)]

    def _enrol(self) -> Membership:
        identity = SigningKey.generate()
        certificate = certify(self.authority, task=self.policy.task, device=identity.public)
        self.ledgers[identity.public] = MemoryLedger()
        return Membership(
            identity,
            certificate,
            self.authority.public,
            self.operator.public,
            self.policy,
            self.allowance,
        )

    def terms(self, prior: PublishedPrior, *, now: int) -> Terms:
        """Return the weakest terms that the policy accepts, for a cohort of any size."""
        return Terms(
            round_id=os.urandom(ROUND_ID_BYTES),
            task=self.policy.task,
            code=self.policy.code,
            prior_hash=prior.hash,
            dims=self.policy.dims,
            groups=self.policy.groups,
            scale=self.policy.scale,
            clip=self.policy.clip,
            noise_multiplier=self.policy.min_noise_multiplier,
            min_cohort=self.policy.min_cohort,
            max_cohort=max(1024, self.policy.min_cohort),
            min_survivors=self.policy.min_survivors,
            max_colluders=self.policy.max_colluders,
            opens_at=now,
            closes_at=now + self.policy.longest_seconds,
        )

    def serve(self, terms: Terms, prior: PublishedPrior) -> ServerRound:
        """Return a server that holds this round."""
        return ServerRound(
            terms, operator=self.operator, authority=self.authority.public, prior=prior.encode()
        )

    def device(self, member: Membership, vector: NDArray[np.float64]) -> DeviceRound:
        """
        Return a device whose person's vector is `vector`.

        Shapes:
            vector: (dims,) float64.
        """
        return DeviceRound(
            member, ledger=self.ledgers[member.identity.public], contribution=lambda _: vector
        )


@dataclass(frozen=True, slots=True)
class Refusal:
    """Says which device refused or was refused, at which stage, and why."""

    device: bytes
    stage: str
    reason: FederatedError


def run_round(
    server: ServerRound,
    devices: Mapping[bytes, DeviceRound],
    *,
    now: int,
    vanish: Mapping[str, Sequence[bytes]] | None = None,
    on_refusal: Callable[[Refusal], None] = lambda _: None,
) -> Opened:
    """
    Run a round to its end and return the opened sum.

    `vanish` names devices that stop answering, by the server's stage.

    Raises:
        FederatedError: what the server raised; a refusing device only counts as dropped.
    """
    questions = dict.fromkeys(devices, server.invitation)
    gone: set[bytes] = set()
    while questions:
        gone |= set((vanish or {}).get(server.stage, ()))
        for key in questions.keys() - gone:
            try:
                server.receive(devices[key].receive(questions[key], now=now))
            except FederatedError as reason:
                on_refusal(Refusal(key, server.stage, reason))
        questions = server.close()
    return server.opened


def small_policy(*, dims: int = 8, groups: int = 2) -> Policy:
    """Return a policy for cohorts of ten: far too small for anyone's privacy."""
    return Policy("rehearsal", "rehearsal-1", dims, groups, min_cohort=8, min_survivors=6)
