"""
What a profile keeps of a federation, encrypted: keys of joined tasks, and the prior to start from.

Knows blobs and their kinds; decides nothing.
"""

import hashlib
import json
from dataclasses import asdict

from homeward.federation.shared import CODE
from homeward_federated.consent import Consent, Joined
from homeward_federated.identity import SigningKey
from homeward_federated.ledger import Allowance
from homeward_federated.node_key import NodeKey
from homeward_federated.offer import Offer
from homeward_federated.prior import Prior
from homeward_federated.publishing import accept, read_publication
from homeward_store import Profile

MEMBERSHIP, PRIOR = "federation-membership", "federation-prior"
_START = hashlib.sha256(CODE.encode()).digest()  # one prior for one meaning of the numbers


class ProfileMemberships:
    """The joined tasks of one profile."""

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
            Consent(task, bytes.fromhex(body["offer_hash"]), body["at"]),
            Offer.decode(body["offer"].encode(), allowance=allowance),
            SigningKey.from_secret(bytes.fromhex(body["identity"])),
            NodeKey(body["node"].encode()),
            bytes.fromhex(body["certificate"]),
        )

    def delete(self, task: str) -> None:
        """Shred the keys."""
        self._blobs.remove(MEMBERSHIP, _key(task))


class KeptPrior:
    """The published prior that a profile starts from."""

    def __init__(self, profile: Profile) -> None:
        self._blobs = profile.blobs

    def load(self) -> Prior | None:
        """Return it, or None."""
        kept = self._load()
        return None if kept is None else read_publication(*kept)

    def replace(self, publication: bytes, *, operator: bytes) -> Prior:
        """
        Keep a publication if it may follow the one that is held.

        Raises:
            PriorRefused: not signed by `operator`, or older, or not the successor of what is held.
        """
        new, kept = read_publication(operator, publication), self._load()
        # Another operator's numbers are another history: the person chose to begin again.
        held = read_publication(*kept) if kept is not None and kept[0] == operator else None
        accept(new, held=held)
        self._blobs.put(PRIOR, _START, operator + publication)
        return new

    def drop(self) -> None:
        """Begin from nothing again."""
        self._blobs.remove(PRIOR, _START)

    def _load(self) -> tuple[bytes, bytes] | None:
        data = self._blobs.get(PRIOR, _START)
        return None if data is None else (data[:32], data[32:])


def _key(task: str) -> bytes:
    return hashlib.sha256(task.encode()).digest()
