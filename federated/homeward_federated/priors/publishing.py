"""
Publishes priors: the operator signs each one, and each names the one before it.

A version is never taken back; a bad one is followed by a newer one with the older content, so a
device that only moves forward can never be held on an old prior by whoever serves the file.
Knows bytes and signatures; where they come from is download's business.
"""

from collections.abc import Mapping
from dataclasses import dataclass, replace
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


def roll_back(bad: PublishedPrior, *, to: PublishedPrior) -> PublishedPrior:
    """Return the version after `bad`, with the content of `to`."""
    return replace(to, version=bad.version + 1, previous=bad.hash)
