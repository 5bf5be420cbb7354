"""
A rehearsed device keeps in this folder what a real device keeps in its encrypted profile.

    identity.key identity.pub   the key that the authority certifies
    node.key                    the transport key that the operator registers
    enrolment.json              the request to be admitted
    enrolment.certificate       the authority's answer
    membership.json             public keys and policy
    ledger                      what was spent
    vector.npy                  the person's own vector
"""

import io
import json
from dataclasses import asdict
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from homeward_federated.enrolment.enrolment import Certificate, Request, admit
from homeward_federated.enrolment.membership import Membership
from homeward_federated.enrolment.node_key import NodeKey
from homeward_federated.files import write, write_secret
from homeward_federated.operator.folder import OperatorHome, read_key, write_key
from homeward_federated.priors.round_policy import Policy
from homeward_federated.privacy.budget import Allowance
from homeward_federated.privacy.budget_file import FileLedger
from homeward_federated.rounds.device import DeviceRound
from homeward_federated.secure_aggregation.identity import SigningKey

# Rehearsals run many rounds in minutes; their vectors are made up.
_REHEARSAL = Allowance(1e6, 1e6, rounds_per_day=10_000, seconds_between_rounds=0)


class DeviceHome:
    """Reads and writes a rehearsed device's folder at `path`."""

    def __init__(self, path: Path) -> None:
        self.path = path

    @property
    def request(self) -> Path:
        """Where the request to be admitted lies."""
        return self.path / "enrolment.json"

    def create(self, operator: OperatorHome, *, vector: NDArray[np.float64]) -> None:
        """
        Make keys, a request to be admitted, and a membership that still lacks the answer.

        Shapes:
            vector: (dims,) float64.
        """
        self.path.mkdir(parents=True)
        identity, node = SigningKey.generate(), NodeKey.generate()
        write_key(self.path / "identity.key", identity)
        write_secret(self.path / "node.key", node.secret)
        write(self.path / "vector.npy", _npy(vector))
        policy = operator.settings().policy
        write(self.request, Request(policy.task, identity.public, node.public).encode())
        pinned = {
            "authority": operator.authority.hex(),
            "operator": operator.operator.public.hex(),
            "policy": asdict(policy),
        }
        write(self.path / "membership.json", json.dumps(pinned, indent=2) + "\n")

    def membership(self) -> Membership:
        """Return what the device takes part with."""
        fields = json.loads((self.path / "membership.json").read_text())
        certificate = self.request.with_suffix(".certificate")
        return Membership(
            read_key(self.path / "identity.key"),
            Certificate.decode(certificate.read_bytes()).signature,
            bytes.fromhex(fields["authority"]),
            bytes.fromhex(fields["operator"]),
            Policy(**fields["policy"]),
            _REHEARSAL,
        )

    def begin(self) -> DeviceRound:
        """Return a fresh round for the person whose vector lies here."""
        membership = self.membership()
        ledger = FileLedger(self.path / "ledger", key=membership.identity.expose())
        vector = np.load(self.path / "vector.npy")
        return DeviceRound(membership, ledger=ledger, contribution=lambda _: vector)


def _npy(vector: NDArray[np.float64]) -> bytes:
    stream = io.BytesIO()
    np.save(stream, vector)
    return stream.getvalue()


def enrol(request: Path, authority: SigningKey) -> Path:
    """Let the authority admit the device whose request lies there; return where the answer lies."""
    answer = request.with_suffix(".certificate")
    write(answer, admit(authority, Request.decode(request.read_bytes())).encode())
    return answer
