"""
The node key identifies a device to the SuperLink. It says nothing about the person.

Knows elliptic curves and OpenSSH's form of their keys; no files, and no Flower.
"""

from dataclasses import dataclass, field

from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric import ec


@dataclass(frozen=True, slots=True)
class NodeKey:
    """An elliptic-curve key in OpenSSH's form, as Flower's node authentication wants it."""

    secret: bytes = field(repr=False)

    @classmethod
    def generate(cls) -> "NodeKey":
        """Return a new key."""
        key = ec.generate_private_key(ec.SECP384R1())
        encoding, no_password = serialization.Encoding.PEM, serialization.NoEncryption()
        return cls(key.private_bytes(encoding, serialization.PrivateFormat.OpenSSH, no_password))

    @property
    def public(self) -> str:
        """The public half, one line."""
        key = serialization.load_ssh_private_key(self.secret, None).public_key()
        encoding, form = serialization.Encoding.OpenSSH, serialization.PublicFormat.OpenSSH
        return key.public_bytes(encoding, form).decode()
