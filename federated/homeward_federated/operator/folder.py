"""
The operator's folder holds keys, settings, priors and the record of every round.

    operator.key  operator.pub   the key that signs terms and priors
    authority.key authority.pub  only where both parties are rehearsed in one place
    settings.json                policy of the task, address, patience
    tls/                         certificate authority and server certificate
    priors/                      00000007.hwf and latest.hwf: what a static host serves
    rounds/                      00000007.json: what happened
    app/                         the Flower application that runs rounds

Knows files; `running` runs the rounds that fill it.
"""

import json
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

from homeward_federated.enrolment.offer import Offer
from homeward_federated.files import write, write_secret
from homeward_federated.priors.published_prior import PublishedPrior
from homeward_federated.priors.publishing import publish, read_publication
from homeward_federated.priors.round_policy import Policy
from homeward_federated.privacy.budget import Allowance
from homeward_federated.secure_aggregation.identity import SigningKey


@dataclass(frozen=True, slots=True)
class OperatorSettings:
    """How this operator runs its task."""

    policy: Policy
    address: str = "127.0.0.1:8000"
    max_cohort: int = 1024
    patience: float = 30.0  # seconds
    # Flower's SQLite file; in memory without. It answers with errors where the disk syncs slowly.
    database: str = ""
    canary_of: str = ""  # the folder whose newest version these devices are asked about


class OperatorHome:
    """Reads and writes the operator's folder at `path`."""

    def __init__(self, path: Path) -> None:
        self.path = path

    def create(self, settings: OperatorSettings) -> None:
        """
        Make the folder with a new operator key and an empty prior.

        Raises:
            FileExistsError: there is an operator already.
        """
        self.path.mkdir(parents=True, exist_ok=True)
        write_key(self.path / "operator.key", SigningKey.generate())
        write(self.path / "settings.json", json.dumps(asdict(settings), indent=2) + "\n")
        for name in ("priors", "rounds"):
            (self.path / name).mkdir()
        policy = settings.policy
        self.publish(PublishedPrior.blank(policy.task, dims=policy.dims, groups=policy.groups))

    def settings(self) -> OperatorSettings:
        """Return the settings."""
        fields = json.loads((self.path / "settings.json").read_text())
        return OperatorSettings(**{**fields, "policy": Policy(**fields["policy"])})

    @property
    def operator(self) -> SigningKey:
        """The key that signs terms and priors."""
        return read_key(self.path / "operator.key")

    @property
    def authority(self) -> bytes:
        """The authority's public key; its secret key belongs elsewhere."""
        return bytes.fromhex((self.path / "authority.pub").read_text())

    def offer(self, *, summary: str, operator: str, authority: str, priors: str = "") -> Offer:
        """Return what people are asked to join; the allowance is their own matter."""
        settings = self.settings()
        return Offer(
            summary=summary,
            operator=operator,
            authority=authority,
            policy=settings.policy,
            allowance=Allowance(),
            operator_key=self.operator.public,
            authority_key=self.authority,
            address=settings.address,
            ca=(self.path / "tls" / "ca.crt").read_text(),
            priors=priors,
        )

    def publish(self, prior: PublishedPrior) -> Path:
        """Sign a prior and put it where a static host serves it; `latest` changes last."""
        data = publish(self.operator, prior)
        write(self.path / "priors" / f"{prior.version:08}.hwf", data)
        latest = self.path / "priors" / "latest.hwf"
        write(latest, data)
        return latest

    def latest(self) -> PublishedPrior:
        """Return the newest published prior."""
        return self._published("latest")

    def published(self, version: int) -> PublishedPrior:
        """Return one published version."""
        return self._published(f"{version:08}")

    def _published(self, name: str) -> PublishedPrior:
        data = (self.path / "priors" / f"{name}.hwf").read_bytes()
        return read_publication(self.operator.public, data)

    def record(self, entry: dict[str, Any]) -> None:
        """Keep what happened in a round."""
        number = len(self.records()) + 1
        path = self.path / "rounds" / f"{number:08}.json"
        write(path, json.dumps({"number": number, **entry}, indent=2) + "\n")

    def records(self) -> list[dict[str, Any]]:
        """Return what happened in each round, oldest first."""
        paths = sorted((self.path / "rounds").glob("*.json"))
        return [json.loads(path.read_text()) for path in paths]


def write_key(path: Path, key: SigningKey) -> None:
    """Write a secret key that only its owner may read, and its public half beside it."""
    write_secret(path, key.expose().hex())
    write(path.with_suffix(".pub"), key.public.hex())


def read_key(path: Path) -> SigningKey:
    """Return the key that `write_key` wrote."""
    return SigningKey.from_secret(bytes.fromhex(path.read_text()))
