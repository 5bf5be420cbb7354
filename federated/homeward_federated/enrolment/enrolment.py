"""
Admits a device: it writes a request file, and the authority answers with a certificate file.

Neither is secret, and how they travel does not matter: the certificate names the device's own key.
Knows their form, docs/formats/federation-offer-v2.md; no storage.
"""

import json
from dataclasses import dataclass
from typing import Any

from homeward_federated.errors import Malformed
from homeward_federated.secure_aggregation.identity import SigningKey, certify
from homeward_federated.wire.fields import AsciiLine, Field
from homeward_federated.wire.messages import KEY_BYTES, SIGNATURE_BYTES, Terms

_REQUEST, _CERTIFICATE, _VERSION = "homeward-enrolment", "homeward-certificate", 1
_MAX_BYTES = 4096
_TASK: Field = Terms.SHAPES["task"]
_NODE = AsciiLine(1024)


@dataclass(frozen=True, slots=True)
class Request:
    """The public keys of a device that wants to take part in a task."""

    task: str
    identity: bytes  # what the authority certifies
    node: str  # the transport key that the operator registers, in OpenSSH's form

    def encode(self) -> bytes:
        """Return the file."""
        return _encode(_REQUEST, task=self.task, identity=self.identity.hex(), node=self.node)

    @classmethod
    def decode(cls, data: bytes) -> "Request":
        """Return the request in a file, or raise `Malformed`."""
        body = _decode(_REQUEST, data, {"task", "identity", "node"})
        node = _NODE.check(body["node"], name="node")
        return cls(body["task"], _bytes(body["identity"], KEY_BYTES), node)


@dataclass(frozen=True, slots=True)
class Certificate:
    """The authority's signature over a device's identity key."""

    task: str
    identity: bytes
    signature: bytes

    def encode(self) -> bytes:
        """Return the file."""
        keys = {"identity": self.identity.hex(), "signature": self.signature.hex()}
        return _encode(_CERTIFICATE, task=self.task, **keys)

    @classmethod
    def decode(cls, data: bytes) -> "Certificate":
        """Return the certificate in a file, or raise `Malformed`."""
        body = _decode(_CERTIFICATE, data, {"task", "identity", "signature"})
        identity = _bytes(body["identity"], KEY_BYTES)
        return cls(body["task"], identity, _bytes(body["signature"], SIGNATURE_BYTES))


def admit(authority: SigningKey, request: Request) -> Certificate:
    """Return the certificate that admits the requesting device to its task."""
    signature = certify(authority, task=request.task, device=request.identity)
    return Certificate(request.task, request.identity, signature)


def _encode(form: str, **body: str) -> bytes:
    return json.dumps({"format": form, "version": _VERSION, **body}, indent=2).encode() + b"\n"


def _decode(form: str, data: bytes, names: set[str]) -> dict[str, str]:
    try:
        body: dict[str, Any] = json.loads(data[:_MAX_BYTES])
        sound = (body.pop("format"), body.pop("version")) == (form, _VERSION)
    except (ValueError, KeyError, AttributeError, TypeError, RecursionError):
        raise Malformed(f"the file is no {form}") from None
    if not sound or set(body) != names or not all(isinstance(one, str) for one in body.values()):
        raise Malformed(f"the file is no {form} of version {_VERSION}")
    _TASK.check(body["task"], name="task")
    return body


def _bytes(text: str, size: int) -> bytes:
    try:
        data = bytes.fromhex(text)
    except ValueError:
        raise Malformed("a key that is not hexadecimal") from None
    if len(data) != size:
        raise Malformed(f"a key or signature of {len(data)} bytes, not {size}")
    return data
