"""
The operator's folder: keys, settings, priors and the record of every round.

    operator.key  operator.pub   the key that signs terms and priors
    authority.key authority.pub  only where both parties are rehearsed in one place
    settings.json                policy of the task, address, patience
    tls/                         certificate authority and server certificate
    priors/                      00000007.hwf and latest.hwf: what a static host serves
    rounds/                      00000007.json: what happened
    app/                         the Flower application that runs rounds

Knows files and the order of a round; `flower` carries it.
"""

import json
import os
import time
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

import numpy as np

from homeward_federated.accounting import epsilon, rho
from homeward_federated.conducting import Conductor
from homeward_federated.errors import FederatedError
from homeward_federated.identity import SigningKey
from homeward_federated.learning import Noise, Pace, advance, seed_groups, tend
from homeward_federated.ledger import Allowance
from homeward_federated.messages import ROUND_ID_BYTES, Terms
from homeward_federated.offer import Offer
from homeward_federated.policy import Policy
from homeward_federated.prior import Prior
from homeward_federated.publishing import publish, read_publication
from homeward_federated.server import Opened, ServerRound
from homeward_federated.transport import Carrier


@dataclass(frozen=True, slots=True)
class Settings:
    """How this operator runs its task."""

    policy: Policy
    address: str = "127.0.0.1:8000"
    max_cohort: int = 1024
    patience: float = 30.0  # seconds
    # Flower's SQLite file; in memory without. It answers with errors where the disk syncs slowly.
    database: str = ""


class OperatorHome:
    """The folder at `path`."""

    def __init__(self, path: Path) -> None:
        self.path = path

    def create(self, settings: Settings) -> None:
        """
        Make the folder with a new operator key and an empty prior.

        Raises:
            FileExistsError: there is an operator already.
        """
        self.path.mkdir(parents=True, exist_ok=True)
        write_key(self.path / "operator.key", SigningKey.generate())
        (self.path / "settings.json").write_text(json.dumps(asdict(settings), indent=2) + "\n")
        for name in ("priors", "rounds"):
            (self.path / name).mkdir()
        policy = settings.policy
        self.publish(Prior.blank(policy.task, dims=policy.dims, groups=policy.groups))

    def settings(self) -> Settings:
        """Return the settings."""
        fields = json.loads((self.path / "settings.json").read_text())
        return Settings(**{**fields, "policy": Policy(**fields["policy"])})

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

    def publish(self, prior: Prior) -> Path:
        """Sign a prior and put it where a static host serves it; `latest` changes last."""
        data = publish(self.operator, prior)
        path = self.path / "priors" / f"{prior.version:08}.hwf"
        path.write_bytes(data)
        fresh = path.with_name("latest.new")
        fresh.write_bytes(data)
        return fresh.replace(path.with_name("latest.hwf"))

    def latest(self) -> Prior:
        """Return the newest published prior."""
        data = (self.path / "priors" / "latest.hwf").read_bytes()
        return read_publication(self.operator.public, data)

    def record(self, entry: dict[str, Any]) -> None:
        """Keep what happened in a round."""
        number = len(self.records()) + 1
        path = self.path / "rounds" / f"{number:08}.json"
        path.write_text(json.dumps({"number": number, **entry}, indent=2) + "\n")

    def records(self) -> list[dict[str, Any]]:
        """Return what happened in each round, oldest first."""
        paths = sorted((self.path / "rounds").glob("*.json"))
        return [json.loads(path.read_text()) for path in paths]


def write_key(path: Path, key: SigningKey) -> None:
    """Write a secret key that only its owner may read, and its public half beside it."""
    with os.fdopen(os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "w") as file:
        file.write(key.expose().hex())
    path.with_suffix(".pub").write_text(key.public.hex())


def read_key(path: Path) -> SigningKey:
    """Return the key that `write_key` wrote."""
    return SigningKey.from_secret(bytes.fromhex(path.read_text()))


def next_terms(settings: Settings, prior: Prior, *, now: int) -> Terms:
    """Return the terms of a round that begins now: exactly what the policy demands."""
    policy = settings.policy
    return Terms(
        round_id=os.urandom(ROUND_ID_BYTES),
        task=policy.task,
        code=policy.code,
        prior_hash=prior.hash,
        dims=policy.dims,
        groups=policy.groups,
        scale=policy.scale,
        clip=policy.clip,
        noise_multiplier=policy.min_noise_multiplier,
        min_cohort=policy.min_cohort,
        max_cohort=settings.max_cohort,
        min_survivors=policy.min_survivors,
        opens_at=now - 60,  # clocks differ
        closes_at=now - 60 + policy.longest_seconds,
    )


def run_rounds(home: OperatorHome, carrier: Carrier, *, count: int) -> None:
    """Run `count` rounds one after the other; a round that fails is recorded, not repeated."""
    for _ in range(count):
        run_one(home, carrier)


def run_one(home: OperatorHome, carrier: Carrier) -> Opened | None:
    """Run one round, publish the prior it leads to, and record it."""
    settings, prior, now = home.settings(), home.latest(), int(time.time())
    terms = next_terms(settings, prior, now=now)
    server = ServerRound(
        terms, operator=home.operator, authority=home.authority, prior=prior.encode()
    )
    conductor = Conductor(carrier, patience=settings.patience)
    entry: dict[str, Any] = {"at": now, "round_id": terms.round_id.hex(), "version": prior.version}
    opened, problem = None, ""
    try:
        opened = conductor.run(server)
    except FederatedError as error:
        problem = f"{type(error).__name__}: {error}"
    entry |= {"problem": problem, "stages": [asdict(stage) for stage in conductor.stages]}
    if opened is not None:
        entry |= _learn(home, prior, opened)
    home.record(entry)
    return opened


def _learn(home: OperatorHome, prior: Prior, opened: Opened) -> dict[str, Any]:
    """Publish the next prior and return what the record says about the sum."""
    terms, sums = opened.terms, opened.sums
    noise, pace = Noise.of(terms, survivors=opened.survivors), Pace()
    after = advance(prior, sums, survivors=opened.survivors, noise=noise, pace=pace)
    rng = np.random.default_rng()  # breaks symmetry between groups, protects nothing
    if prior.version == 0 and terms.groups:
        after = seed_groups(after, pace=pace, rng=rng)
    else:
        after = tend(after, sums.counts, noise=noise, pace=pace, rng=rng)
    home.publish(after)
    return {
        "survivors": opened.survivors,
        "noise": noise.slot,
        "epsilon": epsilon(rho(terms.noise_multiplier), delta=1e-6),
        "moved": float(np.linalg.norm(after.everyone - prior.everyone)),
        "counts": [round(float(count), 1) for count in sums.counts],
        "live": [bool(live) for live in after.live],
        "quanta": [int(value) for value in opened.quanta],
    }
