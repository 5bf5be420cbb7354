"""
Joining and leaving: what the person is told, what they agree to, and what exists before and after.

Nothing exists before: no key, no connection, no entry. The offer says what is summed, with whom and
at what epsilon against the server; the preview shows the person's own numbers. Leaving deletes the
identity, so no further round can be answered. Knows no storage: see `Memberships`.
"""

import hashlib
import secrets
from dataclasses import dataclass, field
from typing import Protocol

import numpy as np
from numpy.typing import NDArray

from homeward_federated.accounting import epsilon, rho
from homeward_federated.errors import NotJoined, TermsRefused
from homeward_federated.identity import SigningKey
from homeward_federated.ledger import Allowance
from homeward_federated.policy import Policy
from homeward_federated.prior import Prior, nearest_group
from homeward_federated.slots import Layout, longest_difference


@dataclass(frozen=True, slots=True)
class Offer:
    """What a person is asked to join, in numbers."""

    summary: str  # one sentence: what the numbers mean
    operator: str  # who runs the server
    authority: str  # who admits devices
    policy: Policy
    allowance: Allowance

    @property
    def rounds_per_year(self) -> int:
        """How many rounds fit into the yearly epsilon."""
        cost, count = rho(self.policy.min_noise_multiplier), 0
        while epsilon((count + 1) * cost, delta=self.allowance.delta) <= (
            self.allowance.epsilon_per_year
        ):
            count += 1
        return count

    @property
    def text(self) -> str:
        """What the person reads before agreeing."""
        policy, allowance = self.policy, self.allowance
        once = epsilon(rho(policy.min_noise_multiplier), delta=allowance.delta)
        what = (
            f"What leaves: {policy.dims} numbers, added to those of other devices, at least "
            f"{policy.min_survivors} together, and to noise, before anyone can read them."
        )
        cost = (
            f"What the server could learn about you: at most epsilon {once:.2f} a round and "
            f"{allowance.epsilon_per_year:.2f} a year ({self.rounds_per_year} rounds), at delta "
            f"{allowance.delta:g}; never more than {allowance.epsilon_lifetime:.2f} in all."
        )
        lines = [
            f"Task: {policy.task}. {self.summary}",
            what,
            f"Who runs the server: {self.operator}. Who admits devices: {self.authority}.",
            cost,
            "The server sees that you take part, and when.",
        ]
        if self.operator == self.authority:
            lines.append(
                "The same party runs the server and admits devices: it could surround you with "
                "devices of its own. Join only if you trust it not to."
            )
        lines.append("You can leave at any time; what was summed before cannot be taken back.")
        return "\n".join(lines)

    @property
    def hash(self) -> bytes:
        """What a consent is bound to: another text needs another consent."""
        return hashlib.sha256(self.text.encode()).digest()


@dataclass(frozen=True, slots=True)
class Consent:
    """That the person agreed, to which text, when."""

    task: str
    offer_hash: bytes
    at: int  # unix seconds


@dataclass(frozen=True, slots=True)
class Preview:
    """What one round would take from this person, computed without one."""

    group: int | None
    difference: NDArray[np.float64]  # (dims,), after clipping: what is summed
    kept: float  # length after clipping, as a share of the length before
    noise: float  # standard deviation of the noise around each number of the sum


def preview(vector: NDArray[np.float64], prior: Prior, policy: Policy) -> Preview:
    """Return what `vector` would contribute under `policy`; nothing leaves."""
    group = nearest_group(vector, prior)
    layout = Layout(policy.dims, policy.groups)
    longest = longest_difference(layout, largest_norm=policy.clip)
    difference = vector - prior.of_group(group)
    norm = float(np.linalg.norm(difference))
    kept = min(1.0, longest / norm) if norm > 0 else 1.0
    return Preview(group, difference * kept, kept, policy.min_noise_multiplier * policy.clip)


@dataclass(frozen=True, slots=True, eq=False)
class Joined:
    """An identity that exists because the person agreed; enrolment adds the certificate."""

    consent: Consent
    identity: SigningKey = field(repr=False)
    certificate: bytes = b""


class Memberships(Protocol):
    """Where joined tasks are kept: the encrypted profile, or memory."""

    def save(self, joined: Joined) -> None:
        """Keep what `joined` holds under its task."""
        ...

    def load(self, task: str) -> Joined | None:
        """Return what was saved, or None."""
        ...

    def delete(self, task: str) -> None:
        """Erase the identity of a task so that it cannot come back."""
        ...


def join(memberships: Memberships, offer: Offer, *, agreed_to: bytes, now: int) -> Joined:
    """
    Make this device's identity for the task.

    Raises:
        TermsRefused: `agreed_to` is not the hash of this offer: the person saw another text.
    """
    if agreed_to != offer.hash:
        raise TermsRefused("the person agreed to another text than this offer")
    joined = Joined(Consent(offer.policy.task, offer.hash, now), SigningKey.generate())
    memberships.save(joined)
    return joined


def require(memberships: Memberships, task: str) -> Joined:
    """
    Return the membership of a joined and enrolled task.

    Raises:
        NotJoined: the person has not joined, has left, or is not enrolled yet.
    """
    joined = memberships.load(task)
    if joined is None or not joined.certificate:
        raise NotJoined(f"this device has not joined {task}")
    return joined


def leave(memberships: Memberships, task: str) -> None:
    """End the task on this device: its identity is erased and no round can be answered."""
    memberships.delete(task)


def takes_part(share: float) -> bool:
    """
    Toss this device's own coin for one round: True with probability `share`.

    The server cannot choose who answers, and is told of no toss that came up False. No
    amplification is claimed for it: the server sees who takes part.
    """
    return secrets.randbelow(1 << 53) < share * (1 << 53)


class MemoryMemberships:
    """Memberships that end with the process."""

    def __init__(self) -> None:
        self._joined: dict[str, Joined] = {}

    def save(self, joined: Joined) -> None:
        """Keep it."""
        self._joined[joined.consent.task] = joined

    def load(self, task: str) -> Joined | None:
        """Return it, or None."""
        return self._joined.get(task)

    def delete(self, task: str) -> None:
        """Drop it."""
        self._joined.pop(task, None)
