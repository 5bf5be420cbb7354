"""
Handles joining and leaving: what the person reads, agrees to and can take back.

Nothing exists before: no key, no connection, no entry. The offer says what is summed, with whom and
at what epsilon against the server; the preview shows the person's own numbers. Leaving deletes the
identity, so no further round can be answered. Knows no storage: see `Memberships`.
"""

from dataclasses import dataclass, field, replace
from typing import Protocol

import numpy as np
from numpy.typing import NDArray

from homeward_federated.enrolment.enrolment import Certificate, Request
from homeward_federated.enrolment.membership import Membership
from homeward_federated.enrolment.node_key import NodeKey
from homeward_federated.enrolment.offer import Offer
from homeward_federated.errors import NotJoined, TermsRefused
from homeward_federated.priors.published_prior import PublishedPrior, nearest_group
from homeward_federated.priors.round_policy import Policy
from homeward_federated.secure_aggregation.identity import SigningKey, check_certificate
from homeward_federated.secure_aggregation.vector_layout import VectorLayout, longest_difference


@dataclass(frozen=True, slots=True)
class JoinConsent:
    """The record that the person agreed to a text, and when."""

    task: str
    offer_hash: bytes
    at: int  # unix seconds


@dataclass(frozen=True, slots=True)
class Preview:
    """The numbers that one round would take from this person, computed without a round."""

    group: int | None
    difference: NDArray[np.float64]  # (dims,), after clipping: what is summed
    kept: float  # length after clipping, as a share of the length before
    noise: float  # standard deviation of the noise around each number of the sum


def preview(vector: NDArray[np.float64], prior: PublishedPrior, policy: Policy) -> Preview:
    """
    Return what `vector` would contribute under `policy`; nothing leaves.

    Shapes:
        vector: (dims,) float64, with `policy.dims` numbers.
    """
    group = nearest_group(vector, prior)
    layout = VectorLayout(policy.dims, policy.groups)
    longest = longest_difference(layout, largest_norm=policy.clip)
    difference = vector - prior.of_group(group)
    norm = float(np.linalg.norm(difference))
    kept = min(1.0, longest / norm) if norm > 0 else 1.0
    return Preview(group, difference * kept, kept, policy.min_noise_multiplier * policy.clip)


@dataclass(frozen=True, slots=True, eq=False)
class Joined:
    """Keys that exist because the person agreed to an offer; enrolment adds the certificate."""

    consent: JoinConsent
    offer: Offer
    identity: SigningKey = field(repr=False)
    node: NodeKey = field(repr=False)
    certificate: bytes = b""

    @property
    def request(self) -> Request:
        """The request with which the authority admits this device and the operator connects it."""
        return Request(self.consent.task, self.identity.public, self.node.public)

    @property
    def membership(self) -> Membership:
        """
        What this device takes part with.

        Raises:
            NotJoined: the authority has not admitted it yet.
        """
        if not self.certificate:
            raise NotJoined(f"this device is not admitted to {self.consent.task} yet")
        offer = self.offer
        return Membership(
            self.identity,
            self.certificate,
            offer.authority_key,
            offer.operator_key,
            offer.policy,
            offer.allowance,
        )


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
    Make this device's keys for the task.

    Raises:
        TermsRefused: `agreed_to` is not the hash of this offer: the person saw another one.
    """
    if agreed_to != offer.hash:
        raise TermsRefused("the person agreed to another text than this offer")
    consent = JoinConsent(offer.policy.task, offer.hash, now)
    joined = Joined(consent, offer, SigningKey.generate(), NodeKey.generate())
    memberships.save(joined)
    return joined


def complete(memberships: Memberships, certificate: Certificate) -> Joined:
    """
    Keep the certificate that the authority gave to this device.

    Raises:
        NotJoined: the person has not joined its task. WrongSigner: it is not from the task's
        authority, or not for this device's key.
    """
    joined = require(memberships, certificate.task)
    check_certificate(
        joined.offer.authority_key,
        certificate.signature,
        task=certificate.task,
        device=joined.identity.public,
    )
    admitted = replace(joined, certificate=certificate.signature)
    memberships.save(admitted)
    return admitted


def require(memberships: Memberships, task: str) -> Joined:
    """
    Return what was joined.

    Raises:
        NotJoined: the person has not joined this task, or has left it.
    """
    joined = memberships.load(task)
    if joined is None:
        raise NotJoined(f"this device has not joined {task}")
    return joined


def leave(memberships: Memberships, task: str) -> None:
    """End the task on this device: its identity is erased and no round can be answered."""
    memberships.delete(task)


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
