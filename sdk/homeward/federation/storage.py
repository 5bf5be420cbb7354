"""
Stores a federation's keys and priors in the encrypted profile.

Knows blobs and their kinds; decides nothing.
"""

import hashlib
import json
from dataclasses import asdict

from homeward.federation.exchanged_numbers import CODE
from homeward_federated.enrolment.consent import JoinConsent, Joined
from homeward_federated.enrolment.node_key import NodeKey
from homeward_federated.enrolment.offer import Offer
from homeward_federated.priors.acceptance import accept
from homeward_federated.priors.published_prior import PublishedPrior
from homeward_federated.priors.publishing import read_publication
from homeward_federated.privacy.budget import Allowance
from homeward_federated.secure_aggregation.identity import SigningKey
from homeward_store import Profile

MEMBERSHIP, PRIOR = "federation-membership", "federation-prior"
# One prior for one meaning of the numbers.
_NEWEST, _BEFORE = (hashlib.sha256(f"{CODE} {which}".encode()).digest() for which in range(2))


class ProfileMemberships:
    """Stores the tasks that one profile joined, with their keys."""

    def __init__(self, profile: Profile) -> None:
        self._blobs = profile.blobs

    def save(self, joined: Joined) -> None:
        """Keep it, in place of an older one of the same task."""
        body = {
            "offer": joined.offer.encode().decode(),
            "allowance": asdict(joined.offer.allowance),
            "offer_hash": joined.consent.offer_hash.hex(),
            "at": joined.consent.at,
            "identity": joined.identity.expose().hex(),
            "node": joined.node.secret.decode(),
            "certificate": joined.certificate.hex(),
        }
        self._blobs.put(MEMBERSHIP, _key(joined.consent.task), json.dumps(body).encode())

    def load(self, task: str) -> Joined | None:
        """Return it, or None."""
        data = self._blobs.get(MEMBERSHIP, _key(task))
        if data is None:
            return None
        body = json.loads(data)
        allowance = Allowance(**body["allowance"])
        return Joined(
            JoinConsent(task, bytes.fromhex(body["offer_hash"]), body["at"]),
            Offer.decode(body["offer"].encode(), allowance=allowance),
            SigningKey.from_secret(bytes.fromhex(body["identity"])),
            NodeKey(body["node"].encode()),
            bytes.fromhex(body["certificate"]),
        )

    def delete(self, task: str) -> None:
        """Shred the keys."""
        self._blobs.remove(MEMBERSHIP, _key(task))


class KeptPrior:
    """The published prior that a profile starts from, and the one before it."""

    def __init__(self, profile: Profile) -> None:
        self._profile = profile

    def load(self) -> PublishedPrior | None:
        """Return the newest, or None."""
        return self._read(_NEWEST)

    def before(self) -> PublishedPrior | None:
        """Return the version that the newest follows, or None where it is not known."""
        return self._read(_BEFORE)

    def replace(self, publication: bytes, *, operator: bytes) -> PublishedPrior:
        """
        Keep a publication if it may follow the one that is held.

        Raises:
            PriorRefused: not signed by `operator`, or older, or not the successor of what is held.
        """
        new, kept = read_publication(operator, publication), self._get(_NEWEST)
        # Another operator's numbers are another history: the person chose to begin again.
        same = kept is not None and kept.startswith(operator)
        held = read_publication(operator, kept[32:]) if kept is not None and same else None
        accept(new, held=held)
        if held is not None and new.hash == held.hash:
            return new
        with self._profile.transaction():
            self._profile.blobs.remove(PRIOR, _BEFORE)
            if kept is not None and held is not None and new.previous == held.hash:
                self._profile.blobs.put(PRIOR, _BEFORE, kept)
            self._profile.blobs.put(PRIOR, _NEWEST, operator + publication)
        return new

    def drop(self) -> None:
        """Begin from nothing again."""
        for key in (_NEWEST, _BEFORE):
            self._profile.blobs.remove(PRIOR, key)

    def _read(self, key: bytes) -> PublishedPrior | None:
        data = self._get(key)
        return None if data is None else read_publication(data[:32], data[32:])

    def _get(self, key: bytes) -> bytes | None:
        return self._profile.blobs.get(PRIOR, key)


def _key(task: str) -> bytes:
    return hashlib.sha256(task.encode()).digest()
