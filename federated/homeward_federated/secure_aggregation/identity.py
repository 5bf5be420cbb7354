"""
Identity keys, certified by an authority that is not the operator, decide who may take part.

The authority admits identities and takes no part in rounds. If the same party holds its key and
runs the server, it can fill a cohort with its own devices, and the promise that the server sees
nobody does not hold: docs/federation/trust.md. Knows Ed25519; knows no files and no rounds.

Source: RFC 8032 (Ed25519).
"""

from dataclasses import dataclass, field
from typing import NoReturn

from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey, Ed25519PublicKey

from homeward_federated.errors import WrongSigner
from homeward_federated.wire.envelope import Message, decode, encode
from homeward_federated.wire.messages import Invitation, Signed, Terms

# Each purpose signs under its own prefix, so no signature can be used for another purpose.
_ENROLMENT = b"homeward enrolment 1\0"
_TERMS = b"homeward round terms 1\0"
_MESSAGE = b"homeward device message 1\0"
PRIOR_PREFIX = b"homeward published prior 1\0"


@dataclass(frozen=True, slots=True, eq=False)
class SigningKey:
    """An Ed25519 key. Its secret leaves only through `expose`; it does not print or pickle."""

    _key: Ed25519PrivateKey = field(repr=False)

    @classmethod
    def generate(cls) -> "SigningKey":
        """Return a new key from the system's randomness."""
        return cls(Ed25519PrivateKey.generate())

    @classmethod
    def from_secret(cls, secret: bytes) -> "SigningKey":
        """Return the key with this 32-byte secret."""
        return cls(Ed25519PrivateKey.from_private_bytes(secret))

    @property
    def public(self) -> bytes:
        """The 32-byte public key."""
        return self._key.public_key().public_bytes_raw()

    def expose(self) -> bytes:
        """Return the 32-byte secret. Call this where the key is stored, nowhere else."""
        return self._key.private_bytes_raw()

    def sign(self, prefix: bytes, data: bytes) -> bytes:
        """Return the 64-byte signature of `data` for the purpose that `prefix` names."""
        return self._key.sign(prefix + data)

    def __reduce__(self) -> NoReturn:
        raise TypeError("a SigningKey cannot be pickled or copied")


def verify(public: bytes, signature: bytes, *, prefix: bytes, data: bytes, what: str) -> None:
    """Raise `WrongSigner` naming `what` unless `public` signed `data` for this purpose."""
    try:
        Ed25519PublicKey.from_public_bytes(public).verify(signature, prefix + data)
    except (InvalidSignature, ValueError):
        raise WrongSigner(f"{what} is not signed by the expected key") from None


def certify(authority: SigningKey, *, task: str, device: bytes) -> bytes:
    """Return the certificate that admits the identity key `device` to `task`."""
    return authority.sign(_ENROLMENT, task.encode() + b"\0" + device)


def check_certificate(authority: bytes, certificate: bytes, *, task: str, device: bytes) -> None:
    """Raise `WrongSigner` unless the authority admitted `device` to `task`."""
    data = task.encode() + b"\0" + device
    verify(authority, certificate, prefix=_ENROLMENT, data=data, what="a certificate")


def invite(operator: SigningKey, *, terms: Terms, prior: bytes) -> bytes:
    """Return the encoded, signed invitation to a round."""
    body = encode(terms)
    return encode(Invitation(terms=body, signature=operator.sign(_TERMS, body), prior=prior))


def read_invitation(operator: bytes, data: bytes) -> tuple[Terms, bytes, bytes]:
    """
    Return an invitation's terms, their encoding and the prior.

    Raises:
        Malformed, WrongSigner: it is not an invitation signed by `operator`.
    """
    invitation = decode(Invitation, data)
    verify(operator, invitation.signature, prefix=_TERMS, data=invitation.terms, what="the terms")
    return decode(Terms, invitation.terms), invitation.terms, invitation.prior


def seal(identity: SigningKey, message: Message) -> bytes:
    """Return the encoded `message`, signed by the device."""
    body = encode(message)
    return encode(Signed(identity.public, body, identity.sign(_MESSAGE, body)))


def check_signed(signed: Signed) -> None:
    """Raise `WrongSigner` unless the sender that it names signed the body."""
    verify(signed.sender, signed.signature, prefix=_MESSAGE, data=signed.body, what="a message")


def check_body(sender: bytes, body: bytes, signature: bytes) -> None:
    """Raise `WrongSigner` unless `sender` signed this encoded message."""
    verify(sender, signature, prefix=_MESSAGE, data=body, what="a message")
