"""
A receipt states what was erased, as a signed value.

The format is in docs/formats/receipt-v1.md.

Source: RFC 8032 (Ed25519, which signs it).
"""

import json
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import Any

from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey, Ed25519PublicKey

from homeward_store.keys.key_derivation import subkey
from homeward_store.records import from_micros, to_micros
from homeward_store.secret import Secret

_VERSION = 1


class Erasure(StrEnum):
    """Whether an erasure is complete."""

    COMPLETE = "complete"  # no longer in any page, log, index or file of the profile
    PENDING = "pending"  # deleted, but a reader still holds older pages


@dataclass(frozen=True, slots=True)
class Receipt:
    """
    What `forget` did. It names kinds and numbers, never content.

    Guarantees:
        COMPLETE: nothing that was erased can be read from the profile's files with its key.
        It says nothing about backups, snapshots, or blocks that a flash disk still holds.
    """

    id: int
    profile_id: str
    at: datetime
    state: Erasure
    erased: tuple[tuple[str, int], ...]  # kind, how many; by kind
    stale: tuple[tuple[str, int], ...]  # kind of blob shredded, how many; by kind
    public_key: str  # Ed25519, hex
    signature: str  # hex; empty while pending

    def verify(self) -> bool:
        """Whether the signature is that of `public_key` over this receipt."""
        try:
            key = Ed25519PublicKey.from_public_bytes(bytes.fromhex(self.public_key))
            key.verify(bytes.fromhex(self.signature), signed_bytes(self))
        except (InvalidSignature, ValueError):
            return False
        return True


class Signer:
    """Signs receipts with a key that stays the same for the profile's whole life."""

    def __init__(self, identity: Secret) -> None:
        with subkey(identity, "homeward/receipt") as seed:
            self._key = Ed25519PrivateKey.from_private_bytes(seed.expose())

    @property
    def public_key(self) -> str:
        """To be compared with a receipt's."""
        return self._key.public_key().public_bytes_raw().hex()

    def sign(self, receipt: Receipt) -> str:
        """The signature over `signed_bytes`."""
        return self._key.sign(signed_bytes(receipt)).hex()


def signed_bytes(receipt: Receipt) -> bytes:
    """Canonical JSON of everything but the signature."""
    document: dict[str, Any] = {
        "format": "homeward-receipt",
        "version": _VERSION,
        "id": receipt.id,
        "profile": receipt.profile_id,
        "at": to_micros(receipt.at),
        "state": receipt.state.value,
        "erased": dict(receipt.erased),
        "stale": dict(receipt.stale),
        "public_key": receipt.public_key,
    }
    return json.dumps(document, sort_keys=True, separators=(",", ":")).encode()


def parse(body: str, *, number: int, complete: bool, signature: str) -> Receipt:
    """A receipt from what the database keeps of it."""
    document = json.loads(body)
    return Receipt(
        id=number,
        profile_id=document["profile"],
        at=from_micros(document["at"]),
        state=Erasure.COMPLETE if complete else Erasure.PENDING,
        erased=tuple(sorted(document["erased"].items())),
        stale=tuple(sorted(document["stale"].items())),
        public_key=document["public_key"],
        signature=signature,
    )
