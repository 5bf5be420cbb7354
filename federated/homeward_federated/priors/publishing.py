"""
Publishes priors: the operator signs each one, and each names the one before it.

A version is never taken back; a bad one is followed by a newer one with the older content, so a
device that only moves forward can never be held on an old prior by whoever serves the file.
Knows bytes and signatures; where they come from is download's business.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from itertools import pairwise
from typing import ClassVar

from homeward_federated.errors import PriorRefused, ProtocolViolation
from homeward_federated.priors.published_prior import PublishedPrior
from homeward_federated.secure_aggregation.identity import PRIOR_PREFIX, SigningKey, verify
from homeward_federated.wire.envelope import decode, encode
from homeward_federated.wire.fields import Blob, Field, Octets
from homeward_federated.wire.messages import MAX_PRIOR_BYTES, SIGNATURE_BYTES


@dataclass(frozen=True, slots=True)
class Publication:
    """A prior and the operator's signature over its encoding."""

    KIND: ClassVar[int] = 21
    SHAPES: ClassVar[Mapping[str, Field]] = {
        "prior": Blob(1, MAX_PRIOR_BYTES),
        "signature": Octets(SIGNATURE_BYTES),
    }
    prior: bytes
    signature: bytes


def publish(operator: SigningKey, prior: PublishedPrior) -> bytes:
    """Return the bytes to put where devices download them."""
    encoded = prior.encode()
    return encode(Publication(encoded, operator.sign(PRIOR_PREFIX, encoded)))


def read_publication(operator: bytes, data: bytes) -> PublishedPrior:
    """
    Return the prior that the operator published.

    Raises:
        PriorRefused: it is not a prior, or not signed by this operator.
    """
    try:
        publication = decode(Publication, data)
        signature, encoded = publication.signature, publication.prior
        verify(operator, signature, prefix=PRIOR_PREFIX, data=encoded, what="the prior")
        return PublishedPrior.decode(encoded)
    except ProtocolViolation as error:
        raise PriorRefused(str(error)) from None


def accept(new: PublishedPrior, *, held: PublishedPrior | None) -> PublishedPrior:
    """
    Return `new` if it may replace the prior that this device holds.

    Raises:
        PriorRefused: it is of another task or shape, older, or not the successor that it claims.
    """
    if held is None:
        return new
    if (new.task, new.groups.shape) != (held.task, held.groups.shape):
        raise PriorRefused("a prior of another task or shape")
    if new.version < held.version:
        raise PriorRefused(f"version {new.version} is older than {held.version}")
    if new.version == held.version and new.hash != held.hash:
        raise PriorRefused(f"two different priors are published as version {new.version}")
    if new.version == held.version + 1 and new.previous != held.hash:
        raise PriorRefused(f"version {new.version} does not follow the version {held.version} held")
    return new


def check_history(priors: Sequence[PublishedPrior]) -> None:
    """
    Accept a whole published history silently: for auditors and witnesses.

    Raises:
        PriorRefused: a version is missing, or does not name the one before it.
    """
    for older, newer in pairwise(priors):
        if newer.version != older.version + 1:
            raise PriorRefused(f"version {newer.version} follows {older.version}")
        accept(newer, held=older)


def roll_back(bad: PublishedPrior, *, to: PublishedPrior) -> PublishedPrior:
    """Return the version after `bad`, with the content of `to`."""
    return replace(to, version=bad.version + 1, previous=bad.hash)
