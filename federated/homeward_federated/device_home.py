"""
A device's folder in a rehearsal: what a real device keeps in its encrypted profile.

    identity.key identity.pub   the key that the authority certifies
    node.key node.pub           the transport key that the operator registers
    membership.json             certificate, public keys and policy
    ledger                      what was spent
    vector.npy                  the person's own vector
"""

import json
from dataclasses import asdict
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from homeward_federated.device import DeviceRound
from homeward_federated.identity import SigningKey, certify
from homeward_federated.ledger import Allowance
from homeward_federated.ledger_file import FileLedger
from homeward_federated.membership import Membership
from homeward_federated.operating import OperatorHome, read_key, write_key
from homeward_federated.policy import Policy
from homeward_federated.tls import make_node_key

# Rehearsals run many rounds in minutes; their vectors are made up.
_REHEARSAL = Allowance(1e6, 1e6, rounds_per_day=10_000, seconds_between_rounds=0)


class DeviceHome:
    """The folder at `path`."""

    def __init__(self, path: Path) -> None:
        self.path = path

    def create(self, operator: OperatorHome, *, vector: NDArray[np.float64]) -> None:
        """Make keys, and a membership that still lacks its certificate."""
        self.path.mkdir(parents=True)
        write_key(self.path / "identity.key", SigningKey.generate())
        make_node_key(self.path / "node.key")
        np.save(self.path / "vector.npy", vector)
        self._write(
            {
                "certificate": "",
                "authority": operator.authority.hex(),
                "operator": operator.operator.public.hex(),
                "policy": asdict(operator.settings().policy),
            }
        )

    def enrol(self, authority: SigningKey) -> None:
        """Let the authority certify this device's identity."""
        fields = self._read()
        task = Policy(**fields["policy"]).task
        public = bytes.fromhex((self.path / "identity.pub").read_text())
        fields["certificate"] = certify(authority, task=task, device=public).hex()
        self._write(fields)

    def membership(self) -> Membership:
        """Return what the device takes part with."""
        fields = self._read()
        return Membership(
            read_key(self.path / "identity.key"),
            bytes.fromhex(fields["certificate"]),
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

    def _read(self) -> dict[str, Any]:
        fields: dict[str, Any] = json.loads((self.path / "membership.json").read_text())
        return fields

    def _write(self, fields: object) -> None:
        (self.path / "membership.json").write_text(json.dumps(fields, indent=2) + "\n")
